import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { topics } from '@wave-connect/contracts/topics.ts';
import { connect, type Frame } from './client.ts';
import { as, eventually, type Replica, type System, send, startSystem } from './support.ts';

describe('two replicas', () => {
  let system: System;
  let here: Replica;
  let there: Replica;
  let ada: string;
  let grace: string;

  before(async () => {
    system = await startSystem();
    [here, there] = await Promise.all([system.startReplica(), system.startReplica()]);
  });
  after(() => system.stop());
  beforeEach(() => {
    [ada, grace] = [randomUUID(), randomUUID()];
  });

  const handled = (replica: Replica, topic: string) =>
    replica.metric('events_consumed_total', `topic="${topic}"`, 'outcome="handled"');

  test('bring a message to the sockets of both people on either of them, each once', async () => {
    const sender = await connect(here, ada);
    const others = [await connect(there, ada), await connect(here, grace), await connect(there, grace)];
    const before = await Promise.all([here, there].map((replica) => handled(replica, 'chat-messages')));
    sender.send({ receiver: grace, text: 'over a socket', client_id: 1 });
    const [response] = await sender.received(1);
    const overHttp = await send(as(there, grace), ada, 'over HTTP');

    for (const client of [sender, ...others]) await client.received(2);
    await eventually('the events to come back to both', async () => {
      const now = await Promise.all([here, there].map((replica) => handled(replica, 'chat-messages')));
      return now.every((count, i) => count === (before[i] ?? 0) + 2);
    });
    // In either order: what this replica has stored goes out at once, what another one has with its event.
    const byId = (frames: Frame[]) =>
      frames.toSorted((a, b) => (String(a.message?.id) < String(b.message?.id) ? -1 : 1));
    for (const { frames } of others) {
      assert.deepEqual(byId(frames), [
        { type: 'message', message: response?.message },
        { type: 'message', message: overHttp },
      ]);
    }
    assert.equal(sender.frames.length, 2);
    assert.equal(response?.client_id, 1);
    for (const client of [sender, ...others]) await client.close();
  });

  test('an event that comes twice is delivered once', async () => {
    const client = await connect(here, grace);
    const message = {
      id: randomUUID(),
      text: 'from another replica',
      sender: ada,
      receiver: grace,
      time_sent: '2026-11-01T12:00:00.120Z',
    };
    const event = { source: '/chat', time: message.time_sent, type: 'chat-messages', key: ada, data: message };
    const before = await handled(here, 'chat-messages');
    for (const id of [randomUUID(), randomUUID()]) await system.bus.publish([{ ...event, id, sequence: '1' }]);
    await eventually('both events', async () => (await handled(here, 'chat-messages')) === before + 2);
    assert.deepEqual(await client.received(1), [{ type: 'message', message }]);
    assert.equal(client.frames.length, 1);
    await client.close();
  });

  test('the event of a message is the message, with its sender as key', async () => {
    const seen: { key: string; data: unknown; requestId?: string }[] = [];
    const consumer = system.bus.subscribe({
      topics: ['chat-messages'],
      group: 'test',
      ephemeral: true,
      handler: async (event) => void seen.push(event),
    });
    await eventually('the subscription', () => consumer.isRunning());
    const { body } = await as(here, ada)
      .post('/api/chat')
      .set('X-Request-Id', 'follow-me')
      .send({ receiver: grace, text: 'Quotes " and \\ and 🌊' })
      .expect(201);
    await eventually('the event', () => seen.some(({ key }) => key === ada));
    const event = seen.find(({ key }) => key === ada);
    assert.deepEqual(event?.data, body);
    assert.deepEqual(topics['chat-messages'].payload.parse(event?.data), body);
    assert.equal(event?.requestId, 'follow-me');
    await consumer.stop();
  });

  test('outlive one another: a replica that comes later gets what is sent from then on', async () => {
    const late = await system.startReplica();
    const client = await connect(late, grace);
    const message = await send(as(here, ada), grace);
    assert.deepEqual(await client.received(1), [{ type: 'message', message }]);
    await late.stop();
    assert.equal(await client.closed, 1001);
    await send(as(here, ada), grace);
  });
});
