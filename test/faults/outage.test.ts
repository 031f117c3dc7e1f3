import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KafkaBroker } from '@wave-connect/dev-env/kafka';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { count } from '../support/database.ts';
import { Person } from '../support/person.ts';
import { median } from '../support/statistics.ts';

/** Long enough for a client to notice that its broker is back, and for groups to form again. */
const AFTER_AN_OUTAGE = { deadlineMs: 120_000 };
/** How many times its usual time a registration may take while the bus is away. */
const SLOWER = 3;
const SAMPLES = 7;

describe('while Kafka is away', { skip: testKafkaUnavailable() ?? false }, () => {
  let system: System;
  let kafka: KafkaBroker;

  before(async () => {
    system = await startSystem({ kafka: true, env: { LOG_LEVEL: 'warn', BCRYPT_COST: '4' } });
    kafka = system.kafka as KafkaBroker;
  });
  after(() => system?.stop());

  const waitForProfile = (person: Person) =>
    waitFor('the profile', async () => (await person.profileStatus()) === 200, AFTER_AN_OUTAGE);
  const rowsWaiting = () => count(system.databaseUrl('auth'), 'SELECT count(*) FROM outbox');

  async function medianRegistration(): Promise<{ ms: number; people: Person[] }> {
    const people: Person[] = [];
    const times: number[] = [];
    for (let i = 0; i < SAMPLES; i += 1) {
      const begin = performance.now();
      const { person, response } = await Person.register(system.url);
      times.push(performance.now() - begin);
      assert.equal(response.status, 201);
      people.push(person);
    }
    return { ms: median(times), people };
  }

  test('registering takes no longer, and the profiles appear after its return', async (t) => {
    await waitForProfile(await Person.join(system.url));
    const usual = await medianRegistration();
    await kafka.kill();
    const during = await medianRegistration();
    t.diagnostic(`median registration: ${usual.ms.toFixed(1)} ms usually, ${during.ms.toFixed(1)} ms without Kafka`);
    assert.ok(during.ms < usual.ms * SLOWER, `${during.ms} ms against ${usual.ms} ms`);
    const [witness] = during.people as [Person];
    await witness.logIn();
    assert.equal(await witness.profileStatus(), 404);
    await kafka.restart();
    for (const person of during.people) {
      await person.logIn();
      await waitForProfile(person);
    }
  });

  test('a service killed between its commit and its publish loses nothing', async () => {
    await kafka.kill();
    const people = await Promise.all(Array.from({ length: 5 }, () => Person.join(system.url)));
    await system.services.auth.kill();
    assert.equal(await rowsWaiting(), people.length);
    await kafka.restart();
    await system.services.auth.restart();
    for (const person of people) await waitForProfile(person);
    await waitFor('an empty outbox', async () => (await rowsWaiting()) === 0, AFTER_AN_OUTAGE);
  });

  test('a consumer killed and started again misses nothing', async () => {
    await system.services.profile.kill();
    const person = await Person.join(system.url);
    assert.equal(await person.profileStatus(), 502);
    await system.services.profile.restart();
    await waitForProfile(person);
  });
});
