import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, connect, type Frame } from './client.ts';
import { as, history, type Replica, type System, send, startSystem } from './support.ts';

const BURST = 5;
/** One more each half second. */
const FEW = { RATE_LIMIT: 'on', CHAT_FRAMES_PER_MINUTE: '120', CHAT_FRAMES_BURST: String(BURST) };

const isRefused = ({ title }: Frame) => title === 'Too Many Requests';

describe('frames of one account', () => {
  let system: System;
  let chat: Replica;
  let ada: string;
  let grace: string;

  before(async () => {
    system = await startSystem();
    chat = await system.startReplica(FEW);
  });
  after(() => system.stop());
  beforeEach(() => {
    [ada, grace] = [randomUUID(), randomUUID()];
  });

  /** Sends so many frames as soon as it can, and resolves to their responses. */
  function flood(client: Client, count: number, from = 0): Promise<Frame[]> {
    for (let n = from; n < from + count; n += 1) client.send({ receiver: grace, text: 'hi', client_id: n });
    return client.received(from + count);
  }

  test('beyond the burst get an error frame that says when to try again; the socket stays open', async () => {
    const client = await connect(chat, ada);
    const frames = await flood(client, 30);
    const refused = frames.filter(isRefused);
    assert.ok(frames.slice(0, BURST).every(({ type }) => type === 'message'));
    assert.ok(refused.length > 30 / 2, `${refused.length} were refused`);
    assert.deepEqual(
      frames.map(({ client_id }) => client_id),
      frames.map((_, n) => n),
    );
    for (const frame of refused) {
      assert.equal(frame.type, 'error');
      assert.match(frame.detail ?? '', /in 1 second\b/);
      assert.equal(frame.retry_after, 1);
    }
    assert.equal((await history(as(chat, ada), grace)).length, frames.length - refused.length);
    assert.equal(await chat.metric('chat_frames_refused_total'), refused.length);

    await sleep((refused.at(-1)?.retry_after ?? 0) * 1_000);
    const [later] = (await flood(client, 1, 30)).slice(30);
    assert.equal(later?.type, 'message');
    await client.close();
  });

  test('share one limit over all its sockets, whichever come and go', async () => {
    const first = await connect(chat, ada);
    await flood(first, 20);
    const second = await connect(chat, ada);
    assert.ok((await flood(second, 20)).filter(isRefused).length > 20 / 2);
    for (const client of [first, second]) await client.close();
    const third = await connect(chat, ada);
    assert.ok((await flood(third, 20)).filter(isRefused).length > 20 / 2);
    await third.close();
  });

  test('count where they are invalid too', async () => {
    const client = await connect(chat, ada);
    for (let n = 0; n < 20; n += 1) client.send(n % 2 ? 'no JSON' : { client_id: n });
    const frames = await client.received(20);
    assert.equal(frames[0]?.title, 'Bad Request');
    assert.ok(frames.filter(isRefused).length > 20 / 2);
    await client.close();
  });

  test('do not count against another account, nor against messages sent over HTTP', async () => {
    const [flooding, other] = [await connect(chat, ada), await connect(chat, grace)];
    await flood(flooding, 30);
    await send(as(chat, ada), randomUUID());
    other.send({ receiver: randomUUID(), text: 'hi', client_id: 'mine' });
    const seen = () => other.frames.find(({ client_id }) => client_id === 'mine');
    while (!seen()) await other.received(other.frames.length + 1);
    assert.equal(seen()?.type, 'message');
    for (const client of [flooding, other]) await client.close();
  });

  test('are not limited where rate limits are off', async () => {
    const unlimited = await system.startReplica({ ...FEW, RATE_LIMIT: 'off' });
    const client = await connect(unlimited, ada);
    assert.ok((await flood(client, 50)).every(({ type }) => type === 'message'));
    await client.close();
  });
});
