import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SteadyResult } from '../load/steady-load.ts';
import { type SteadyProcess, startSteadyProcess } from '../load/steady-process.ts';
import { Person } from '../support/person.ts';
import { execute, kubectl } from './kubectl.ts';
import { closeNodePort, openNodePort } from './node-port.ts';
import { NEXT_IMAGE_TAG, type Release } from './release.ts';
import { generatedSecrets } from './secrets.ts';

/** Requests per second: what a machine of two cores takes beside a cluster. */
const RATE = 20;
const SEED = 5;
/** What a WebSocket closes with whose server goes away. */
const GOING_AWAY = 1001;
const SHOWN = 5;

/** Tests that a release is replaced, migrated, restarted and taken back while people use it, and that nobody notices. */
export function testUpgrade(release: () => Release): void {
  describe('an upgrade with a migration, under load', () => {
    let url: string;
    let before: { person: Person; post: string; secrets: Awaited<ReturnType<typeof generatedSecrets>> };
    let load: SteadyProcess;
    let result: SteadyResult;

    const columns = () => {
      const ask = `SELECT column_name FROM information_schema.columns WHERE table_name = 'publications'`;
      return execute(release().namespace, `${release().name}-feed-db-0`, `psql -U feed -d feed_db -At -c "${ask}"`);
    };
    const restart = async () => {
      const { name, namespace } = release();
      const selector = ['-n', namespace, '-l', `app.kubernetes.io/instance=${name}`];
      await kubectl(['rollout', 'restart', 'deployment', ...selector]);
      await kubectl(['rollout', 'status', 'deployment', ...selector, '--timeout=10m']);
    };

    test('somebody writes something down', async () => {
      url = await openNodePort(release());
      const person = await Person.join(url);
      const { body } = await person.ask('POST', 'feed/', { text: 'from before' });
      before = { person, post: body.id, secrets: await generatedSecrets(release()) };
      assert.ok(Object.keys(before.secrets).length >= 5, 'the secret for tokens and four passwords');
      assert.doesNotMatch(await columns(), /^e2e$/m);
    });

    test('the release is upgraded and then restarted', async (t) => {
      load = await startSteadyProcess({ url, rate: RATE, seed: SEED });
      try {
        await release().upgrade({ 'global.imageTag': NEXT_IMAGE_TAG });
        await restart();
        result = await load.stop();
      } finally {
        load.kill();
      }
      const { requests, failures, p50, p99, max, chat } = result;
      t.diagnostic(`${requests} requests, ${failures.length} failed, p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms`);
      t.diagnostic(`${chat.acknowledged} messages by socket, ${chat.closeCodes.length} sockets closed by the server`);
    });

    test('not one request failed', () => {
      assert.ok(result.requests > 0);
      assert.deepEqual(result.failures.slice(0, SHOWN), [], `${result.failures.length} of ${result.requests} failed`);
    });

    test('no chat message was missed, refused or came twice, and sockets were told to come again', () => {
      const { acknowledged, missed, refused, odd, closeCodes } = result.chat;
      assert.ok(acknowledged > 0);
      assert.deepEqual({ missed, refused, odd }, { missed: [], refused: [], odd: [] });
      assert.ok(closeCodes.length > 0);
      assert.deepEqual(
        closeCodes.filter((code) => code !== GOING_AWAY),
        [],
      );
    });

    test('the migration is there, and so are the data', async () => {
      assert.match(await columns(), /^e2e$/m);
      const { status, body } = await before.person.get(`feed/${before.post}`);
      assert.deepEqual([status, body.text], [200, 'from before']);
    });

    test('generated secrets are the same, so tokens and passwords stay good', async () => {
      assert.deepEqual(await generatedSecrets(release()), before.secrets);
      assert.equal((await before.person.logIn()).status, 202);
    });

    test('a rollback brings back the programs, which get on with the newer schema', async () => {
      await release().rollback(1);
      const images = (await release().pods('service'))
        .filter(({ metadata }) => !metadata.deletionTimestamp)
        .map(({ spec }) => spec.containers[0].image);
      assert.equal(images.length, 5);
      for (const image of images) assert.doesNotMatch(image, new RegExp(NEXT_IMAGE_TAG));
      assert.match(await columns(), /^e2e$/m);
      const { status } = await before.person.ask('PUT', `feed/${before.post}`, { text: 'after the rollback' });
      assert.equal(status, 200);
      await closeNodePort(release());
    });
  });
}
