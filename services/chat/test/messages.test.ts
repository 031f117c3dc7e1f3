import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { type Agent, as, assertProblem, type Replica, type System, send, startSystem } from './support.ts';

describe('messages', () => {
  const [ada, grace, eve] = [randomUUID(), randomUUID(), randomUUID()] as const;
  let system: System;
  let chat: Replica;
  let asAda: Agent;
  let asGrace: Agent;
  let asEve: Agent;

  before(async () => {
    system = await startSystem();
    chat = await system.startReplica();
    asAda = as(chat, ada);
    asGrace = as(chat, grace);
    asEve = as(chat, eve);
  });
  after(() => system.stop());

  for (const path of ['/api/chat/', '/api/chat']) {
    test(`sending at ${path} returns 201 with the message`, async () => {
      const { body } = await asAda.post(path).send({ receiver: grace, text: 'Hello, Grace! 🌊' }).expect(201);
      const { id, time_sent } = body;
      assert.deepEqual(body, { id, text: 'Hello, Grace! 🌊', sender: ada, receiver: grace, time_sent });
      assert.equal(Date.parse(time_sent), Number.parseInt(id.replace('-', '').slice(0, 12), 16));
      assert.ok(Math.abs(Date.now() - Date.parse(time_sent)) < 60_000);
    });
  }

  test('both people read a message, with or without a trailing slash; to anyone else it is not there', async () => {
    const message = await send(asAda, grace);
    for (const path of [`/api/chat/${message.id}`, `/api/chat/${message.id}/`]) {
      assert.deepEqual((await asAda.get(path).expect(200)).body, message);
      assert.deepEqual((await asGrace.get(path).expect(200)).body, message);
      assertProblem((await asEve.get(path).expect(404)).body, 404, 'not-found');
    }
    await asAda.get(`/api/chat/${randomUUID()}`).expect(404);
  });

  test('the sender changes the text; the place and the time stay', async () => {
    const message = await send(asAda, grace, 'helo');
    for (const path of [`/api/chat/${message.id}`, `/api/chat/${message.id}/`]) {
      const { body } = await asAda.put(path).send({ text: 'hello' }).expect(200);
      assert.deepEqual(body, { ...message, text: 'hello' });
    }
    assert.equal((await asGrace.get(`/api/chat/${message.id}`).expect(200)).body.text, 'hello');
  });

  test('nobody but the sender changes or deletes a message, not even its receiver', async () => {
    const message = await send(asAda, grace);
    for (const other of [asGrace, asEve]) {
      assertProblem(
        (await other.put(`/api/chat/${message.id}`).send({ text: 'x' }).expect(404)).body,
        404,
        'not-found',
      );
      assertProblem((await other.delete(`/api/chat/${message.id}`).expect(404)).body, 404, 'not-found');
    }
    assert.deepEqual((await asAda.get(`/api/chat/${message.id}`).expect(200)).body, message);
  });

  test('the sender deletes a message for both, once', async () => {
    for (const slash of ['', '/']) {
      const { id } = await send(asAda, grace);
      await asAda.delete(`/api/chat/${id}${slash}`).expect(204);
      await asAda.delete(`/api/chat/${id}${slash}`).expect(404);
      await asGrace.get(`/api/chat/${id}`).expect(404);
    }
    await asAda.put(`/api/chat/${randomUUID()}`).send({ text: 'x' }).expect(404);
  });

  test('ids compare without case', async () => {
    const { body: message } = await asAda
      .post('/api/chat')
      .send({ receiver: grace.toUpperCase(), text: 'hi' })
      .expect(201);
    assert.equal(message.receiver, grace);
    await asGrace.get(`/api/chat/${message.id.toUpperCase()}`).expect(200);
    await asAda.post('/api/chat').send({ receiver: ada.toUpperCase(), text: 'hi' }).expect(400);
  });

  test('nobody writes to themselves', async () => {
    const { body } = await asAda.post('/api/chat/').send({ receiver: ada, text: 'hi' }).expect(400);
    assertProblem(body, 400, 'invalid-request');
    assert.deepEqual(body.errors, [{ path: '/body/receiver', message: 'must be somebody other than the sender' }]);
  });

  const refused: [string, unknown, string][] = [
    ['no receiver', { text: 'hi' }, '/body/receiver'],
    ['a receiver that is no UUID', { receiver: 'grace', text: 'hi' }, '/body/receiver'],
    ['a receiver as a URN', { receiver: `urn:uuid:${grace}`, text: 'hi' }, '/body/receiver'],
    ['no text', { receiver: grace }, '/body/text'],
    ['an empty text', { receiver: grace, text: '' }, '/body/text'],
    ['a blank text', { receiver: grace, text: ' \u200b\n' }, '/body/text'],
    ['a filler', { receiver: grace, text: '\u3164\u115f\uffa0' }, '/body/text'],
    ['a text of 5,001 characters', { receiver: grace, text: 'x'.repeat(5_001) }, '/body/text'],
    ['a text that holds NUL', { receiver: grace, text: 'a\0b' }, '/body/text'],
    ['a text that is a number', { receiver: grace, text: 5 }, '/body/text'],
    ['a field too many', { receiver: grace, text: 'hi', sender: eve }, '/body/sender'],
  ];
  for (const [what, body, path] of refused) {
    test(`${what} gets 400`, async () => {
      const { body: problem } = await asAda
        .post('/api/chat')
        .send(body as object)
        .expect(400);
      assertProblem(problem, 400, 'invalid-request');
      assert.deepEqual(
        problem.errors.map((error: { path: string }) => error.path),
        [path],
      );
    });
  }

  test('5,000 characters outside the basic plane are a text', async () => {
    const text = '🌊'.repeat(5_000);
    assert.equal((await send(asAda, grace, text)).text, text);
  });

  test('a body that is no JSON, or not well-formed Unicode, gets 400, another type 415', async () => {
    const json = () => asAda.post('/api/chat').type('application/json');
    await json().send('{"receiver":').expect(400);
    await json().send(`{"receiver":"${grace}","text":"\\ud800"}`).expect(400);
    await asAda.post('/api/chat').type('text/plain').send('hi').expect(415);
  });

  test('an id that is no UUID gets 400, an unknown query parameter too', async () => {
    await asAda.get('/api/chat/nonsense').expect(400);
    await asAda.get(`/api/chat/urn:uuid:${randomUUID()}`).expect(400);
    await asAda.get(`/api/chat/${randomUUID()}?x=1`).expect(400);
    await asAda.put(`/api/chat/${randomUUID()}`).send({ text: '' }).expect(400);
  });

  test('without a caller every route gets 401', async () => {
    for (const path of ['/api/chat/conversation', `/api/chat/conversation/${grace}`, `/api/chat/${randomUUID()}`]) {
      assertProblem((await request(chat.url).get(path).expect(401)).body, 401, 'unauthenticated');
    }
    await request(chat.url).post('/api/chat/').send({ receiver: grace, text: 'hi' }).expect(401);
  });

  test('a method that a path does not have gets 405, an unknown path 404', async () => {
    await asAda.patch(`/api/chat/${randomUUID()}`).send({}).expect(405);
    await asAda.get('/api/chat/conversation/a/b').expect(404);
  });

  test('a message leaves a log line with the request id, without its text, and counts', async () => {
    const before = await chat.metric('chat_messages_stored_total');
    const { body } = await asAda
      .post('/api/chat')
      .set('X-Request-Id', 'trace-me')
      .send({ receiver: grace, text: 'between us' })
      .expect(201);
    const line = chat.lines.find(({ msg, message_id }) => msg === 'message stored' && message_id === body.id);
    assert.equal(line?.request_id, 'trace-me');
    assert.equal(line?.user_id, ada);
    assert.ok(!JSON.stringify(chat.lines).includes('between us'));
    assert.equal(await chat.metric('chat_messages_stored_total'), before + 1);
  });
});
