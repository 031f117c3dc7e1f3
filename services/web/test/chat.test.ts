import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type { Message } from '../src/api/client.ts';
import { type Chat, createChat } from '../src/chat/chat.ts';
import { accept, aMessage, ME, PEER, startChatServer } from './chat-server.ts';

const SOON = { deadlineMs: 5_000 };
const QUICK = { firstMs: 20, maxMs: 50, steadyMs: 10_000, responseMs: 10_000 };

let server: Awaited<ReturnType<typeof startChatServer>>;
let chat: Chat;
let heard: Message[];

async function meet(onFrame: Parameters<typeof startChatServer>[0], timing = QUICK): Promise<void> {
  server = await startChatServer(onFrame);
  heard = [];
  const onMessage = (message: Message) => heard.push(message);
  chat = createChat(ME, server.url, { onMessage, onOpen() {}, onClose() {} }, timing);
  chat.start();
  await isOpen(1);
}
afterEach(async () => {
  chat.stop();
  await server.close();
});

const isOpen = (times: number) =>
  waitFor(
    'a connection',
    () => {
      const { connection, opened } = chat.store.get();
      return connection === 'open' && opened >= times;
    },
    SOON,
  );
const outgoing = () => (chat.store.get().outgoing[PEER] ?? []).map(({ text, state }) => ({ text, state }));
const stored = () => (chat.store.get().live[PEER] ?? []).map(({ text }) => text);

test('a message is on its way until the server says that it is stored, then shows once', async () => {
  await meet(accept);
  chat.send(PEER, 'Hello');
  assert.deepEqual(outgoing(), [{ text: 'Hello', state: 'sending' }]);
  await waitFor('the response', () => stored().length === 1, SOON);
  assert.deepEqual(outgoing(), []);
  assert.deepEqual(stored(), ['Hello']);
});

test('what is written while there is no connection is sent in order once there is one', async () => {
  await meet(accept);
  chat.onOffline();
  for (const text of ['One', 'Two', 'Three']) chat.send(PEER, text);
  assert.deepEqual(new Set(outgoing().map(({ state }) => state)), new Set(['waiting']));
  chat.onOnline();
  await waitFor('all to be stored', () => stored().length === 3, SOON);
  assert.deepEqual(stored(), ['One', 'Two', 'Three']);
  assert.equal(server.frames.length, 3);
});

test('a message whose response got lost is not sent again by itself, and shows once where it was stored', async () => {
  await meet((_frame, socket) => socket.terminate());
  const before = aMessage('Hello');
  chat.take(PEER, [before]);
  chat.send(PEER, 'Hello', before.id);
  await waitFor('doubt', () => outgoing()[0]?.state === 'unsure', SOON);
  await isOpen(2);
  assert.equal(server.frames.length, 1);
  chat.take(PEER, [aMessage('Hello')]);
  assert.deepEqual(outgoing(), []);
  assert.deepEqual(stored(), ['Hello', 'Hello']);
});

test('an older message of the same text does not stand for one whose response got lost', async () => {
  await meet((_frame, socket) => socket.terminate());
  const older = aMessage('Hello');
  const newest = aMessage('And?', { sender: PEER, receiver: ME });
  chat.take(PEER, [newest]);
  chat.send(PEER, 'Hello', newest.id);
  await waitFor('doubt', () => outgoing()[0]?.state === 'unsure', SOON);
  chat.settle(PEER, [older]);
  chat.take(PEER, [aMessage('Hello', { sender: PEER, receiver: ME })]);
  assert.deepEqual(outgoing(), [{ text: 'Hello', state: 'unsure' }]);
});

test('what was not stored can be sent once more, or given up', async () => {
  let broken = 0;
  await meet((frame, socket) => {
    broken += 1;
    if (broken <= 2) socket.terminate();
    else accept(frame, socket);
  });
  chat.send(PEER, 'Again');
  await waitFor('doubt', () => outgoing()[0]?.state === 'unsure', SOON);
  await isOpen(2);
  chat.send(PEER, 'Never mind');
  await waitFor('doubt', () => outgoing()[1]?.state === 'unsure', SOON);
  await isOpen(3);
  const [again, never] = chat.store.get().outgoing[PEER] ?? [];
  assert.ok(again && never);
  chat.discard(PEER, never.clientId);
  chat.retry(PEER, again);
  await waitFor('it to be stored', () => stored().length === 1, SOON);
  assert.deepEqual(stored(), ['Again']);
  assert.deepEqual(outgoing(), []);
});

test('what the server refuses stays, with its words', async () => {
  await meet(({ client_id }, socket) =>
    socket.send(JSON.stringify({ type: 'error', title: 'Not Found', detail: 'There is no such person.', client_id })),
  );
  chat.send(PEER, 'Hello?');
  await waitFor('the refusal', () => outgoing()[0]?.state === 'refused', SOON);
  const problem = chat.store.get().outgoing[PEER]?.[0]?.problem;
  assert.deepEqual(problem, { title: 'Not Found', detail: 'There is no such person.' });
});

test('a message that comes twice, or by two ways, is heard of once', async () => {
  await meet(accept);
  const message = aMessage('Hello', { sender: PEER, receiver: ME });
  server.tellAll({ type: 'message', message });
  server.tellAll({ type: 'message', message });
  server.tellAll({ type: 'message', message: aMessage('Bye', { sender: PEER, receiver: ME }) });
  await waitFor('both', () => stored().includes('Bye'), SOON);
  chat.take(PEER, [message]);
  assert.deepEqual(stored(), ['Hello', 'Bye']);
  assert.equal(heard.length, 2);
});

test('a connection that breaks comes back, however often', async () => {
  await meet(accept);
  for (let times = 2; times <= 5; times += 1) {
    server.cutAll();
    await isOpen(times);
  }
});

test('a connection over which no response comes counts as broken', async () => {
  await meet(() => {}, { ...QUICK, responseMs: 50 });
  chat.send(PEER, 'Anybody?');
  await isOpen(2);
  assert.deepEqual(outgoing(), [{ text: 'Anybody?', state: 'unsure' }]);
});

test('a chat that is stopped opens nothing any more', async () => {
  await meet(accept);
  chat.stop();
  const { opened } = chat.store.get();
  chat.onOnline();
  chat.send(PEER, 'Too late');
  assert.equal(chat.store.get().opened, opened);
  assert.deepEqual(outgoing(), [{ text: 'Too late', state: 'waiting' }]);
});
