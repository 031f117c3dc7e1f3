import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../../support/buses.ts';
import { createRandom } from '../random.ts';
import { openChatClient } from './chat-client.ts';
import { cuttable } from './cuttable.ts';
import { createHttpClient } from './http-client.ts';
import { createReceived } from './received.ts';
import { createSession } from './session.ts';
import { type SteadyLoad, type SteadyResult, startSteadyLoad } from './steady-load.ts';
import { type Settled, settlePeople } from './steady-people.ts';

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
      await waitFor('the chat to be under way', () => load.messages() > 0, EVENTUALLY);
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
    const way = await cuttable(system.url);
    const [ada, ben] = (await settlePeople(system.url, http, 2)) as [Settled, Settled];
    const received = createReceived();
    const device = openChatClient(way.url, ben.session, received);
    try {
      const say = async (text: string) => {
        const reply = await ada.session.ask('POST', 'chat', { receiver: ben.session.id, text });
        assert.ok('status' in reply && reply.status === 201, JSON.stringify(reply));
      };
      const connected = () => device.isCaughtUp();
      await waitFor('the device to be connected', connected, EVENTUALLY);
      await say('live');
      await waitFor('the first message', () => received.messages.size === 1, EVENTUALLY);
      way.cut();
      await waitFor('the cut', () => !device.isCaughtUp(), EVENTUALLY);
      await say('while away');
      await say('while still away');
      assert.equal(received.messages.size, 1);
      way.mend();
      await waitFor('the device to be back', connected, EVENTUALLY);
      await say('live again');
      await waitFor('the last message', () => received.messages.size === 4, EVENTUALLY);
      const texts = [...received.messages.values()].map(({ text }) => text);
      assert.deepEqual(texts, ['live', 'while away', 'while still away', 'live again']);
      assert.deepEqual([received.complaints, device.disconnects], [[], 1]);
    } finally {
      await Promise.all([device, ada.chat, ben.chat].map((chat) => chat.close()));
      await way.close();
      http.close();
    }
  });

  test('sign in again when their token is not accepted any more', async () => {
    const http = createHttpClient(system.url);
    const [ada] = (await settlePeople(system.url, http, 1)) as [Settled];
    const session = createSession(http, ada.session.email);
    const reply = await session.ask('GET', 'auth/id');
    assert.ok('status' in reply && reply.body.id === ada.session.id, JSON.stringify(reply));
    await ada.chat.close();
    http.close();
  });
});
