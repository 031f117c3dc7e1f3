import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { queryPlans } from '@wave-connect/dev-env/postgres';
import type { TestService } from '@wave-connect/dev-env/testing';
import { createClient } from '../src/repository/client.ts';
import { type ProfileTable, profilesIn } from '../src/repository/profiles.ts';
import { startProfile } from './support.ts';

describe('with a hundred thousand profiles', () => {
  let profile: TestService;

  before(async () => {
    profile = await startProfile();
    await profile.database.query(`
      INSERT INTO profiles (id, username) SELECT uuidv7(), 'User_' || n FROM generate_series(1, 100000) AS n`);
    await profile.database.query('ANALYZE');
  });
  after(() => profile.stop());

  const QUERIES: Record<string, (profiles: ProfileTable) => Promise<unknown>> = {
    'a profile by its id': (profiles) => profiles.find(randomUUID()),
    'a profile by its username': (profiles) => profiles.findByUsername('uSER_500'),
    'a profile to change': (profiles) => profiles.lock(randomUUID()),
    'an avatar': (profiles) => profiles.findAvatar(randomUUID()),
  };

  for (const [what, read] of Object.entries(QUERIES)) {
    test(`${what} comes from an index`, async () => {
      const plans = await queryPlans(profile.databaseUrl, (pool) => read(profilesIn(createClient(pool))));
      assert.equal(plans.length, 1);
      assert.match(plans[0] ?? '', /Index Scan/);
      assert.doesNotMatch(plans[0] ?? '', /Seq Scan/);
    });
  }
});
