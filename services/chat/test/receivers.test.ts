import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type ProfileStandIn, startProfileStandIn } from '@wave-connect/dev-env/testing';
import { connect } from './client.ts';
import { as, assertProblem, eventually, history, type Replica, type System, send, startSystem } from './support.ts';

describe('a message to a person', () => {
  let system: System;
  let profile: ProfileStandIn;
  let chat: Replica;
  let ada: string;
  let grace: string;

  before(async () => {
    [system, profile] = await Promise.all([startSystem(), startProfileStandIn()]);
    chat = await startReplica();
  });
  after(async () => {
    await system.stop();
    profile.stop();
  });
  beforeEach(() => {
    [ada, grace] = [randomUUID(), randomUUID()];
    profile.calls.length = 0;
  });

  const startReplica = () =>
    system.startReplica({ PROFILE_GRPC_TARGET: profile.target, PROFILE_GRPC_DEADLINE_MS: '5000' });
  const exist = (...ids: string[]) => {
    for (const id of ids) profile.profiles.set(id, { id, version: '0' });
  };
  const rows = async (sql: string, ...values: unknown[]) => (await system.database.query(sql, values)).rows;
  const write = (receiver: string) => as(chat, ada).post('/api/chat').send({ receiver, text: 'hi' });

  test('who does not exist is 404, over HTTP and over a socket, and nothing is stored', async () => {
    assertProblem((await write(grace).expect(404)).body, 404, 'not-found');
    const client = await connect(chat, ada);
    client.send({ receiver: randomUUID(), text: 'hi', client_id: 'mine' });
    const [{ type, title, client_id } = { type: '' }] = await client.received(1);
    assert.deepEqual([type, title, client_id], ['error', 'Not Found', 'mine']);
    await client.close();
    assert.deepEqual(await rows('SELECT FROM messages WHERE sender = $1', ada), []);
    assert.deepEqual(await rows('SELECT FROM conversations WHERE $1 IN (user_id, peer_id)', ada), []);
  });

  test('who exists is stored; profile is asked once, whatever follows', async () => {
    exist(grace);
    await send(as(chat, ada), grace);
    await Promise.all([send(as(chat, ada), grace.toUpperCase()), send(as(chat, randomUUID()), grace)]);
    assert.deepEqual(
      profile.calls.map(({ ids }) => ids),
      [[grace]],
    );
  });

  test('of a conversation is stored without asking', async () => {
    exist(grace);
    await send(as(chat, ada), grace);
    profile.calls.length = 0;
    const other = await startReplica();
    await send(as(other, grace), ada);
    await send(as(other, ada), grace);
    assert.equal(profile.calls.length, 0);
  });

  test('who does not exist is asked for once in a while, by messages at the same time together', async () => {
    const responses = await Promise.all([write(grace), write(grace), write(grace.toUpperCase())]);
    await write(grace).expect(404);
    assert.ok(responses.every(({ status }) => status === 404));
    assert.equal(profile.calls.length, 1);
  });

  test('who registered a moment ago, and whose profile is still on its way, is stored', async () => {
    const [{ now, old, late }] = await rows(
      `SELECT uuidv7() AS now, uuidv7('-1 hour'::interval) AS old, uuidv7('1 hour'::interval) AS late`,
    );
    await write(now).expect(201);
    await write(now.toUpperCase()).expect(201);
    await write(old).expect(404);
    await write(late).expect(404);
  });

  test('whose account is deleted is 404', async () => {
    exist(grace);
    await send(as(chat, ada), grace);
    await system.announceDeletion(grace);
    await eventually('the deletion', async () => (await history(as(chat, ada), grace)).length === 0);
    await write(grace).expect(404);
  });

  test('is stored while profile is away, and refused again once it is back', async () => {
    profile.stop();
    for (let n = 0; n < 6; n += 1) await write(randomUUID()).expect(201);
    await profile.start();
    await eventually('profile to be asked again', async () => (await write(randomUUID())).status === 404);
  });
});
