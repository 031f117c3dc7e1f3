import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@wave-connect/dev-env/machine';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { startBalancer } from '../support/balancer.ts';
import { EVENTUALLY } from '../support/buses.ts';
import { createHttpClient } from '../support/http-client.ts';
import { createRandom } from '../support/random.ts';
import { bodyOf, createSession } from '../support/session.ts';
import { openChatClient } from './chat-client.ts';
import { type Settled, type SteadyLoad, type SteadyResult, settlePeople, startSteadyLoad } from './steady-load.ts';

const LOAD = { rate: 50, people: 6 };
const SECONDS = 3;

describe('the people of a load', () => {
  let system: System;

  before(async () => {
    system = await startSystem({ env: { LOG_LEVEL: 'fatal', BCRYPT_COST: '4' } });
  });
  after(() => system?.stop());

  async function during(work: (load: SteadyLoad) => Promise<unknown>): Promise<SteadyResult> {
    const load = await startSteadyLoad({ ...LOAD, url: system.url, random: createRandom(1) });
    await Promise.all([work(load), sleep(SECONDS * 1_000)]);
    return load.stop();
  }

  test('ask at a steady rate, and nothing fails where nothing is disturbed', async () => {
    const { requests, failures, p50, p99, max, chat } = await during(async () => {});
    assert.deepEqual(failures, []);
    assert.ok(requests >= 0.9 * LOAD.rate * SECONDS, `${requests} requests`);
    assert.ok(0 < p50 && p50 <= p99 && p99 <= max, `${p50} ${p99} ${max} ms`);
    assert.ok(chat.acknowledged > 0 && chat.acknowledged === chat.sent);
    assert.deepEqual([chat.refused, chat.missed, chat.odd, chat.disconnects], [[], [], [], 0]);
  });

  test('tell of each request that a restart has cost, and miss no message', async () => {
    const { requests, failures, chat } = await during(async (load) => {
      await waitFor('the first message', () => load.messages() > 0, EVENTUALLY);
      await system.services.chat.kill();
      const before = load.messages();
      await system.services.chat.restart();
      await waitFor('the chat to go on', () => load.messages() > before, EVENTUALLY);
    });
    assert.ok(failures.length > 0 && failures.length < requests, `${failures.length} of ${requests}`);
    for (const { request, why } of failures) assert.match(`${request}: ${why}`, /chat.*: (502|503|504)/);
    assert.ok(chat.disconnects > 0);
    assert.deepEqual([chat.missed, chat.odd], [[], []]);
  });

  test('catch up with what was said while they were disconnected, and see each message once', async () => {
    const http = createHttpClient(system.url);
    const port = await freePort();
    const connect = () => startBalancer(port, [{ name: 'gateway', url: system.url }]);
    let link = await connect();
    const [ada, ben] = (await settlePeople(system.url, http, 2)) as [Settled, Settled];
    const device = openChatClient(`http://127.0.0.1:${port}`, ben.session);
    const { received } = device;
    try {
      const say = async (text: string) =>
        bodyOf('POST chat', await ada.session.ask('POST', 'chat', { receiver: ben.session.id, text }), 201);
      const connected = () => device.isCaughtUp();
      await waitFor('the device to be connected', connected, EVENTUALLY);
      await say('live');
      await waitFor('the first message', () => received.messages.size === 1, EVENTUALLY);
      await link.stop();
      await waitFor('the cut', () => !device.isCaughtUp(), EVENTUALLY);
      await say('while away');
      await say('while still away');
      assert.equal(received.messages.size, 1);
      link = await connect();
      await waitFor('the device to be back', connected, EVENTUALLY);
      await say('live again');
      await waitFor('the last message', () => received.messages.size === 4, EVENTUALLY);
      const texts = [...received.messages.values()].map(({ text }) => text);
      assert.deepEqual(texts, ['live', 'while away', 'while still away', 'live again']);
      assert.deepEqual([received.complaints, device.disconnects], [[], 1]);
    } finally {
      await Promise.all([device, ada.chat, ben.chat].map((chat) => chat.close()));
      await link.stop();
      http.close();
    }
  });

  test('sign in again when their token is not accepted any more', async () => {
    const http = createHttpClient(system.url);
    const [ada] = (await settlePeople(system.url, http, 1)) as [Settled];
    const session = createSession(http, { email: ada.session.email });
    assert.equal(bodyOf('GET auth/id', await session.ask('GET', 'auth/id'), 200).id, ada.session.id);
    await ada.chat.close();
    http.close();
  });
});
