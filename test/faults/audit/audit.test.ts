import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type { Ledger } from '../../load/ledger.ts';
import { createLoad } from '../../load/load.ts';
import { startBus } from '../../support/events.ts';
import { Person } from '../../support/person.ts';
import { createRandom } from '../../support/random.ts';
import { type AuditResult, audit } from './audit.ts';
import { type Finding, keepJournal } from './facts.ts';
import { SABOTAGES } from './sabotages.ts';

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
    try {
      await waitFor('enough to look at', () => load.acknowledged() >= ENOUGH, { deadlineMs: 120_000 });
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
      const bus = await startBus(system.eventsUrl);
      try {
        for (const [name, { commit }] of Object.entries(SABOTAGES)) {
          subjects.set(name, await commit({ target: system, ledger, bus }));
        }
      } finally {
        await bus.stop();
      }
      spoiled = await audit(system, ledger);
    });

    for (const [name, { finds }] of Object.entries(SABOTAGES)) {
      test(`${name}: ${finds}`, () => {
        const subject = subjects.get(name) ?? '';
        const isIt = ({ kind, what, evidence }: Finding) =>
          `${kind}: ${what}`.startsWith(finds) && `${what} ${evidence}`.includes(subject);
        assert.ok(
          subject !== '' && spoiled.findings.some(isIt),
          `${subject}: ${JSON.stringify(spoiled.findings, null, 1)}`,
        );
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
