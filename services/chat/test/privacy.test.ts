import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import request from 'supertest';
import { type Replica, type System, startSystem } from './support.ts';

let system: System;
let chat: Replica;

before(async () => {
  system = await startSystem();
  chat = await system.startReplica();
});
after(() => system.stop());

test('no log line tells who writes to whom', async () => {
  const [sender, receiver] = [randomUUID(), randomUUID()];
  const as = { 'X-User-ID': sender };
  await request(chat.url).post('/api/chat/').set(as).send({ text: 'hello', receiver }).expect(201);
  await request(chat.url).get(`/api/chat/conversation/${receiver}`).set(as).expect(200);
  await request(chat.url).put(`/api/chat/conversation/${receiver}/read`).set(as).expect(204);
  await request(chat.url).delete(`/api/chat/conversation/${receiver}`).set(as).expect(405);
  const finished = () => chat.lines.filter(({ msg }) => msg === 'request finished');
  await waitFor('the request log', () => finished().length === 4, { deadlineMs: 20_000 });
  const between = chat.lines.filter((line) => JSON.stringify(line).includes(receiver));
  assert.deepEqual(between, []);
  assert.ok(chat.lines.some(({ msg, user_id }) => msg === 'message stored' && user_id === sender));
});
