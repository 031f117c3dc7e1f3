import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { connect, refusal } from './client.ts';
import { as, eventually, type Replica, type System, startSystem } from './support.ts';

let system: System;
let chat: Replica;

before(async () => {
  system = await startSystem();
  chat = await system.startReplica({ MAX_REQUESTS_IN_FLIGHT: '1' });
});
after(() => system.stop());

test('frames and upgrades are refused like requests while there is too much to do', async (context) => {
  const [ada, grace] = [randomUUID(), randomUUID()];
  const client = await connect(chat, ada);
  const locker = await system.database.connect();
  // Its lock would keep the replica from stopping.
  context.after(() => locker.release(true));
  await locker.query('BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE');
  const taken = as(chat, ada)
    .get(`/api/chat/${randomUUID()}`)
    .then(({ status }) => status);
  await eventually('the request', async () => (await chat.metric('requests_in_flight')) === 1);

  client.send({ receiver: grace, text: 'hi', client_id: 1 });
  const [frame] = await client.received(1);
  assert.equal(frame?.type, 'error');
  assert.equal(frame?.title, 'Service Unavailable');
  assert.equal(frame?.client_id, 1);
  const { status, headers } = await refusal(chat, '/api/chat/ws', { 'X-User-ID': ada });
  assert.equal(status, 503);
  assert.match(headers['retry-after'] ?? '', /^\d+$/);
  assert.equal(await chat.metric('requests_shed_total', 'reason="requests"'), 2);
  assert.equal(chat.lines.filter(({ msg }) => msg === 'overloaded: requests are refused').length, 1);

  await locker.query('COMMIT');
  assert.equal(await taken, 404);
  client.send({ receiver: grace, text: 'hi', client_id: 2 });
  assert.equal((await client.received(2))[1]?.type, 'message');
  await client.close();
});
