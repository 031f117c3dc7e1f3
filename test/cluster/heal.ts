import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DATA_SERVICES, SERVICES } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { audit } from '../faults/audit/audit.ts';
import { keepJournal } from '../faults/audit/facts.ts';
import { runCanary, untilRecovered } from '../faults/storm/recovery.ts';
import { createLoad, type Load } from '../load/load.ts';
import { createRandom } from '../support/random.ts';
import { withAuditTarget } from './audit-target.ts';
import { isReady, kubectl, list, longLived } from './kubectl.ts';
import { closeNodePort, openNodePort } from './node-port.ts';
import type { Release } from './release.ts';

/** Too short for anybody to stop in; with none at all another pod could have the volume while this one still lives. */
const GRACE_S = 1;
const LOAD = { actors: 6, rate: 15 };
const ENOUGH_WRITES = 50;
const CANARY = { everyMs: 1_000, limitMs: 20_000, atOnce: 2, deadlineMs: 240_000 };
const SETTLE_MS = 180_000;
const SHOWN = 10;

const part = (service: string, component: string) => (release: string) =>
  `app.kubernetes.io/instance=${release},app.kubernetes.io/name=${service},app.kubernetes.io/component=${component}`;

/** Who is killed, and the labels by which the pod is found. */
const VICTIMS: [string, (release: string) => string][] = [
  ...SERVICES.map((name): [string, (release: string) => string] => [name, part(name, 'service')]),
  ...DATA_SERVICES.map((name): [string, (release: string) => string] => [
    `the Postgres of ${name}`,
    part(name, 'postgres'),
  ]),
  ['Kafka', (release) => `strimzi.io/name=${release}-kafka-kafka`],
];

/** Tests that whichever pod is killed comes back by itself, and that nothing that was acknowledged is lost. */
export function testHealing(release: () => Release): void {
  describe('whichever pod is killed under load', () => {
    let url: string;
    let load: Load;

    before(async () => {
      url = await openNodePort(release());
      await withAuditTarget(release(), url, keepJournal);
      load = createLoad({ ...LOAD, url, random: createRandom(1) });
      load.start();
      await waitFor('the load to be under way', () => load.acknowledged() >= ENOUGH_WRITES, { deadlineMs: 120_000 });
    });
    after(() => closeNodePort(release()));

    for (const [victim, selector] of VICTIMS) {
      test(`${victim}: it heals`, (t) => heals(selector(release().name), t));
    }

    async function heals(selector: string, t: { diagnostic(text: string): void }): Promise<void> {
      const [victim] = await list(release().namespace, 'pods', selector);
      assert.ok(victim, selector);
      const { name, uid } = victim.metadata;
      await kubectl(['delete', 'pod', name, '-n', release().namespace, `--grace-period=${GRACE_S}`]);
      const { ms, lastFailure } = await untilRecovered((stop) => runCanary(url, stop), CANARY);
      assert.ok(ms !== undefined, lastFailure ?? 'no canary came through');
      t.diagnostic(`people get on after ${(ms / 1_000).toFixed(1)} s`);
      const isBack = async () => {
        const pods = await running();
        return pods.every(isReady) && !pods.some(({ metadata }) => metadata.uid === uid);
      };
      await waitFor('every pod to be ready', isBack, { deadlineMs: CANARY.deadlineMs, everyMs: 500 });
    }

    test('nothing that was acknowledged is lost, doubled or wrong', async (t) => {
      const ledger = await load.stop();
      const { findings, counts } = await withAuditTarget(release(), url, (target) =>
        audit(target, ledger, { settleMs: SETTLE_MS }),
      );
      t.diagnostic(`${counts.acknowledged} writes acknowledged, ${counts.unknown} unknown, ${counts.events} events`);
      assert.deepEqual(findings.slice(0, SHOWN), [], `${findings.length} findings`);
      assert.ok(counts.acknowledged > ENOUGH_WRITES);
    });

    const running = () => list(release().namespace, 'pods', longLived);
  });
}
