import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { Person } from '../../support/person.ts';
import type { Ledger } from '../load/ledger.ts';
import { createLoad } from '../load/load.ts';
import { createRandom } from '../random.ts';
import { type AuditResult, audit } from './audit.ts';
import type { Finding } from './finding.ts';
import { keepJournal } from './journal.ts';
import { withBus } from './sabotage.ts';
import { BROKEN_EVENTS } from './sabotages-of-events.ts';
import { SPOILED_ROWS } from './sabotages-of-rows.ts';

const ENOUGH = 800;
const LOAD = { actors: 16, rate: 200 };

describe('the audit', { skip: testKafkaUnavailable() ?? false }, () => {
  let system: System;
  let ledger: Ledger;
  let honest: AuditResult;

  before(async () => {
    system = await startSystem({ kafka: true, env: { LOG_LEVEL: 'fatal', BCRYPT_COST: '4' } });
    await keepJournal(system);
    const load = createLoad({ ...LOAD, url: system.url, random: createRandom(1) });
    load.start();
    const acknowledged = () => Object.values(load.counts).reduce((sum, tally) => sum + tally.acknowledged, 0);
    try {
      await waitFor('enough to look at', () => acknowledged() >= ENOUGH, { deadlineMs: 120_000 });
    } finally {
      ledger = await load.stop();
    }
    honest = await audit(system, ledger);
  });
  after(() => system?.stop());

  test('finds nothing where all went well', () => {
    assert.deepEqual(honest.findings, []);
    assert.equal(honest.counts.violation, 0);
    assert.ok(honest.counts.acknowledged > 0 && honest.counts.events > 0);
  });

  describe('after sabotage, finds', () => {
    const subjects = new Map<string, string>();
    let spoiled: AuditResult;

    before(async () => {
      await withBus(system.eventsUrl, async (bus) => {
        const scene = { target: system, ledger, bus };
        for (const { name, commit } of [...BROKEN_EVENTS, ...SPOILED_ROWS]) subjects.set(name, await commit(scene));
      });
      spoiled = await audit(system, ledger);
    });

    for (const { name, finds } of [...BROKEN_EVENTS, ...SPOILED_ROWS]) {
      test(`${name}: ${finds.kind}`, () => {
        const subject = subjects.get(name) ?? '';
        const isIt = ({ kind, what, evidence }: Finding) =>
          kind === finds.kind && what.startsWith(finds.what) && `${what} ${evidence}`.includes(subject);
        assert.ok(spoiled.findings.some(isIt), `${subject}: ${JSON.stringify(spoiled.findings, null, 1)}`);
      });
    }
  });

  test('says so where the system does not settle', async () => {
    await system.services.profile.kill();
    await Person.register(system.url);
    const { findings } = await audit(system, ledger, { settleMs: 0 });
    const pending = findings.filter(({ what }) => what === 'the system does not settle');
    assert.match(pending.map(({ evidence }) => evidence).join(), /events for profile of user-registered/);
  });
});
