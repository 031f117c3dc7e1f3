import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { withSchemas } from '../src/events/consumer/topic-handlers.ts';
import { fromMessage, toMessage } from '../src/events/event.ts';

const event = {
  id: randomUUID(),
  type: 'user-deleted',
  source: '/auth',
  time: new Date().toISOString(),
  key: 'x',
  sequence: '7',
  data: { user_id: randomUUID() },
};

test('an event without a sequence number, or with another one, is refused before its handler', async () => {
  const seen: string[] = [];
  const { 'user-deleted': handle = assert.fail() } = withSchemas({
    'user-deleted': async ({ sequence }) => void seen.push(sequence),
  });
  const { ce_sequence: _, ...headers } = toMessage(event).headers ?? {};
  await assert.rejects(handle(fromMessage('user-deleted', { ...toMessage(event), headers })), /no sequence number/);
  for (const sequence of ['', ' ', '-1', '0x10', '1e3', '7.0', 'seven', '9'.repeat(20)]) {
    await assert.rejects(handle({ ...event, sequence }), /no sequence number/, sequence);
  }
  await handle(event);
  assert.deepEqual(seen, ['7']);
});
