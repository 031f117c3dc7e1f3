import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { connect } from './client.ts';
import { as, eventually, history, ids, type Replica, type System, send, startSystem } from './support.ts';

const brackets = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const nested = (levels: number) => JSON.parse(brackets(levels));

describe('sockets', () => {
  let system: System;
  let chat: Replica;
  let ada: string;
  let grace: string;

  before(async () => {
    system = await startSystem();
    chat = await system.startReplica();
  });
  after(() => system.stop());
  beforeEach(() => {
    [ada, grace] = [randomUUID(), randomUUID()];
  });

  test('a message reaches every socket of both people; its client_id the one that sent it alone', async () => {
    const [sender, otherDevice] = [await connect(chat, ada), await connect(chat, ada)];
    const receivers = [await connect(chat, grace), await connect(chat, grace)];
    const stranger = await connect(chat, randomUUID());
    const tag = { n: 1, deep: [null, 'x'] };
    sender.send({ receiver: grace, text: 'Hello! 🌊', client_id: tag });

    const [response] = await sender.received(1);
    const [stored] = await history(as(chat, ada), grace);
    assert.deepEqual(response, { type: 'message', message: stored, client_id: tag });
    for (const client of [otherDevice, ...receivers]) {
      assert.deepEqual(await client.received(1), [{ type: 'message', message: stored }]);
    }

    sender.send({ receiver: grace, text: 'again' });
    const [, second] = await sender.received(2);
    assert.ok(second && !('client_id' in second));
    for (const client of [otherDevice, ...receivers]) await client.received(2);
    assert.equal(sender.frames.length, 2);
    assert.equal(stranger.frames.length, 0);
    for (const client of [sender, otherDevice, stranger, ...receivers]) await client.close();
  });

  test('a message sent over HTTP reaches the sockets of both people', async () => {
    const clients = [await connect(chat, ada), await connect(chat, grace)];
    const message = await send(as(chat, ada), grace);
    for (const client of clients) {
      assert.deepEqual(await client.received(1), [{ type: 'message', message }]);
      await client.close();
    }
  });

  test('every JSON value serves as client_id', async () => {
    const client = await connect(chat, ada);
    const tags = [null, false, 0, '', [], {}, 'x'.repeat(40_000), nested(100)];
    for (const client_id of tags) client.send({ receiver: grace, text: 'hi', client_id });
    const frames = await client.received(tags.length);
    assert.deepEqual(
      frames.map(({ type, client_id }) => [type, client_id]),
      tags.map((tag) => ['message', tag]),
    );
    await client.close();
  });

  test('frames of one socket are stored in their order, and get their responses in it', async () => {
    const client = await connect(chat, ada);
    for (let i = 0; i < 100; i += 1) {
      client.send(
        i % 10 ? { receiver: grace, text: `message ${i}`, client_id: i } : { text: 'no receiver', client_id: i },
      );
    }
    const frames = await client.received(100);
    assert.deepEqual(
      frames.map(({ client_id }) => client_id),
      Array.from({ length: 100 }, (_, i) => i),
    );
    assert.deepEqual(
      ids(await history(as(chat, ada), grace)).reverse(),
      frames.flatMap(({ message }) => message?.id ?? []),
    );
    await client.close();
  });

  describe('a bad frame gets an error and leaves the connection open:', () => {
    const id = randomUUID();
    const bad: [string, unknown, RegExp][] = [
      ['no JSON', '{"receiver":', /must be JSON/],
      ['an empty frame', '', /must be JSON/],
      ['null', 'null', /must be object/],
      ['an array', [], /must be object/],
      ['a string', '"hi"', /must be object/],
      ['no receiver', { text: 'hi' }, /receiver/],
      ['no text', { receiver: id }, /text/],
      ['a receiver that is no UUID', { receiver: 'grace', text: 'hi' }, /^\/receiver .*uuid/],
      ['a receiver as a URN', { receiver: `urn:uuid:${id}`, text: 'hi' }, /^\/receiver .*uuid/],
      ['an empty text', { receiver: id, text: '' }, /^\/text .*1 character/],
      ['a blank text', { receiver: id, text: ' \u200b\n' }, /^\/text /],
      ['a filler', { receiver: id, text: '\u3164\ufe0f' }, /^\/text /],
      ['a text of 5,001 characters', { receiver: id, text: 'x'.repeat(5_001) }, /^\/text .*5000 characters/],
      ['a text that is a number', { receiver: id, text: 5 }, /^\/text must be string/],
      ['a text that holds NUL', { receiver: id, text: 'a\0b' }, /^\/text /],
      ['a lone surrogate', `{"receiver":"${id}","text":"\\ud800"}`, /^\/text .*Unicode/],
      ['a field too many', { receiver: id, text: 'hi', type: 'message' }, /additional properties/],
      ['a client_id nested too deeply', { receiver: id, text: 'hi', client_id: nested(101) }, /^\/client_id .*100/],
      ['a client_id of brackets', `{"receiver":"${id}","text":"hi","client_id":${brackets(20_000)}}`, /^\/client_id /],
      ['__proto__', `{"receiver":"${id}","text":"hi","__proto__":{}}`, /additional properties/],
    ];
    for (const [what, frame, detail] of bad) {
      test(what, async () => {
        const client = await connect(chat, ada);
        client.send(frame);
        const [response] = await client.received(1);
        assert.equal(response?.type, 'error');
        assert.equal(response?.title, 'Bad Request');
        assert.match(response?.detail ?? '', detail);
        client.send({ receiver: grace, text: 'still here' });
        assert.equal((await client.received(2))[1]?.type, 'message');
        await client.close();
      });
    }

    test('a message to oneself', async () => {
      const client = await connect(chat, ada);
      client.send({ receiver: ada.toUpperCase(), text: 'hi', client_id: 7 });
      const detail = 'receiver must be somebody other than the sender';
      assert.deepEqual(await client.received(1), [{ type: 'error', title: 'Bad Request', detail, client_id: 7 }]);
      await client.close();
    });

    test('an error carries the client_id of its frame, where that has one', async () => {
      const client = await connect(chat, ada);
      client.send({ client_id: { mine: true } });
      client.send({ client_id: null, text: '' });
      client.send({ text: '' });
      const frames = await client.received(3);
      assert.deepEqual(
        frames.map((frame) => 'client_id' in frame && frame.client_id),
        [{ mine: true }, null, false],
      );
      await client.close();
    });
  });

  test('5,000 characters outside the basic plane fit into a frame', async () => {
    const client = await connect(chat, ada);
    client.send({ receiver: grace, text: '🌊'.repeat(5_000) });
    assert.equal((await client.received(1))[0]?.message?.text, '🌊'.repeat(5_000));
    await client.close();
  });

  test('a binary frame closes with 1003, and nothing after it counts', async () => {
    const client = await connect(chat, ada);
    client.socket.send(Buffer.from(JSON.stringify({ receiver: grace, text: 'hi' })));
    client.send({ receiver: grace, text: 'hi' });
    assert.equal(await client.closed, 1003);
    assert.deepEqual(await history(as(chat, ada), grace), []);
  });

  test('a frame of 64 KiB is taken, a larger one closes with 1009', async () => {
    const client = await connect(chat, ada);
    const frame = (bytes: number) => {
      const empty = JSON.stringify({ receiver: grace, text: 'hi', client_id: '' });
      return JSON.stringify({ receiver: grace, text: 'hi', client_id: 'x'.repeat(bytes - empty.length) });
    };
    client.send(frame(65_536));
    await client.received(1);
    client.send(frame(65_537));
    assert.equal(await client.closed, 1009);
    assert.equal((await history(as(chat, ada), grace)).length, 1);
  });

  test('text that is no UTF-8 closes with 1007', async () => {
    const client = await connect(chat, ada);
    client.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    assert.equal(await client.closed, 1007);
  });

  test('a socket counts while it is open, and a delivery when it is made', async () => {
    const [open, delivered] = [await chat.metric('chat_sockets_open'), await chat.metric('chat_deliveries_total')];
    const clients = [await connect(chat, ada), await connect(chat, grace)];
    assert.equal(await chat.metric('chat_sockets_open'), open + 2);
    await send(as(chat, ada), grace);
    for (const client of clients) await client.received(1);
    assert.equal(await chat.metric('chat_deliveries_total'), delivered + 2);
    for (const client of clients) await client.close();
    await eventually('no open socket', async () => (await chat.metric('chat_sockets_open')) === open);
  });

  test('what a socket does is logged with the request id of its upgrade and the number of the frame', async () => {
    const client = await connect(chat, ada, { headers: { 'X-Request-Id': 'my-upgrade' } });
    client.send('nonsense');
    client.send({ receiver: grace, text: 'hi' });
    await client.received(2);
    await client.close();
    await eventually('the last line', () =>
      chat.lines.some(({ msg, user_id }) => msg === 'socket closed' && user_id === ada),
    );
    const told = chat.lines.filter(({ user_id }) => user_id === ada).map(({ msg, request_id }) => [msg, request_id]);
    assert.deepEqual(told, [
      ['socket opened', 'my-upgrade'],
      ['message stored', 'my-upgrade.2'],
      ['socket closed', 'my-upgrade'],
    ]);
  });

  describe('with limits that are soon reached', () => {
    test('a client that does not read is cut off, not buffered for', async () => {
      const strict = await system.startReplica({ WS_MAX_BUFFERED_BYTES: '65536' });
      const client = await connect(strict, ada);
      client.socket.pause();
      const ended = once(client.socket, 'close');
      const cut = async () => (await strict.metric('chat_slow_readers_cut_total')) === 1;
      const frame = JSON.stringify({ client_id: 'x'.repeat(60_000) });
      while (!(await cut())) {
        for (let i = 0; i < 20 && client.socket.readyState === client.socket.OPEN; i += 1) client.send(frame);
      }
      client.socket.resume();
      await ended;
      assert.ok(strict.lines.some(({ msg, user_id }) => msg === 'slow reader cut off' && user_id === ada));
      await eventually('the socket to be gone', async () => (await strict.metric('chat_sockets_open')) === 0);
    });

    test('a client that floods is read from no faster than its messages can be stored', async () => {
      const strict = await system.startReplica({ WS_MAX_WAITING_FRAMES: '2', WS_PING_INTERVAL_MS: '150' });
      const lock = await lockConversation(system, ada, grace);
      const client = await connect(strict, ada);
      client.send({ receiver: grace, text: 'waits for the lock', client_id: { n: 0 } });

      let sent = 1;
      const padding = 'x'.repeat(60_000);
      while (!(await isHeldBack(client.socket))) {
        assert.ok(sent < 5_000, 'the server reads on and on');
        for (const end = sent + 50; sent < end; sent += 1) client.send({ client_id: { n: sent, padding } });
      }
      assert.equal(client.frames.length, 0);

      await lock.release();
      const frames = await client.received(sent);
      assert.deepEqual(
        frames.map(({ client_id }) => (client_id as { n: number }).n),
        Array.from({ length: sent }, (_, n) => n),
      );
      await client.close();
    });

    test('a socket that does not respond to a ping by the time of the next is cut off, one that does stays', async () => {
      const strict = await system.startReplica({ WS_PING_INTERVAL_MS: '100' });
      const silent = await connect(strict, ada, { autoPong: false });
      const lively = await connect(strict, ada);
      let pings = 0;
      lively.socket.on('ping', () => {
        pings += 1;
      });
      assert.equal(await silent.closed, 1006);
      await eventually('pings', () => pings >= 4);
      assert.equal(lively.socket.readyState, lively.socket.OPEN);
      await lively.close();
    });
  });

  test('while a message cannot be stored its frame gets an error, and later ones are stored', async () => {
    const strict = await system.startReplica({ DB_STATEMENT_TIMEOUT_MS: '300' });
    const client = await connect(strict, ada);
    const lock = await lockConversation(system, ada, grace);
    client.send({ receiver: grace, text: 'hi', client_id: 1 });
    const [response] = await client.received(1);
    await lock.release();
    assert.equal(response?.title, 'Service Unavailable');
    assert.equal(response?.client_id, 1);

    client.send({ receiver: grace, text: 'hi', client_id: 2 });
    assert.equal((await client.received(2))[1]?.type, 'message');
    assert.equal((await history(as(chat, ada), grace)).length, 1);
    await client.close();
  });
});

/** Keeps messages of these two from being stored. */
async function lockConversation(system: System, one: string, other: string) {
  const client = await system.database.connect();
  await client.query('BEGIN');
  await client.query('SELECT lock_conversation($1, $2)', [one, other]);
  return {
    async release() {
      await client.query('COMMIT');
      client.release();
    },
  };
}

/** Whether what was sent stays where it is, because nobody reads it; false once all of it has gone. */
async function isHeldBack(socket: WebSocket): Promise<boolean> {
  for (let [last, unchanged] = [-1, 0]; unchanged < 30; last = socket.bufferedAmount) {
    if (socket.bufferedAmount === 0) return false;
    unchanged = socket.bufferedAmount === last ? unchanged + 1 : 0;
    await sleep(10);
  }
  return true;
}
