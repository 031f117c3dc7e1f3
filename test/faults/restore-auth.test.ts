import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../support/buses.ts';
import { query } from '../support/database.ts';
import { Person } from '../support/person.ts';
import { restoring } from '../support/runbook.ts';

let system: System;

before(async () => {
  system = await startSystem({ kafka: false, env: { LOG_LEVEL: 'fatal', BCRYPT_COST: '4' } });
});
after(() => system?.stop());

const inAuth = (statement: string) => query(system.databaseUrl('auth'), statement);
const asSuperuser = (statement: string) => query(system.postgres.url('postgres'), statement);

test("a restored auth database forgets again whom the others know as deleted, by the runbook's steps", async () => {
  const { auth } = system.services;
  const stays = await Person.joinWithProfile(system.url);
  const gone = await Person.joinWithProfile(system.url);
  const before = await refreshToken(stays);

  await auth.stop();
  await asSuperuser('CREATE DATABASE backup TEMPLATE auth_db');
  await auth.restart();

  assert.equal((await gone.ask('DELETE', 'auth')).status, 204);
  for (const service of ['chat', 'feed', 'profile'] as const) {
    const tombstones = async () => (await idsIn(service, restoring.listDeleted)).includes(gone.id);
    await waitFor(`the tombstone of ${service}`, tombstones, EVENTUALLY);
  }
  const late = await Person.joinWithProfile(system.url);

  await auth.stop();
  await asSuperuser('DROP DATABASE auth_db WITH (FORCE)');
  await asSuperuser('ALTER DATABASE backup RENAME TO auth_db');
  await inAuth(restoring.newerSequences);
  await compareWithOthers();
  await inAuth(restoring.endSessions);
  await auth.restart();

  assert.equal((await gone.logIn()).status, 401);
  assert.equal((await late.logIn()).status, 401);
  assert.equal((await stays.logIn()).status, 202);
  assert.equal((await refresh(stays, before)).status, 401);
  await waitFor(
    'the end of an account that auth lost',
    async () => (await stays.profileStatus(late.id)) === 404,
    EVENTUALLY,
  );
  assert.equal(await stays.profileStatus(), 200);
});

async function compareWithOthers(): Promise<void> {
  const deleted = await Promise.all(
    (['chat', 'feed', 'profile'] as const).map((service) => idsIn(service, restoring.listDeleted)),
  );
  await inAuth(restoring.makeRoom);
  await copy('deleted_elsewhere', deleted.flat());
  await copy('known_elsewhere', await idsIn('profile', restoring.listKnown));
  await inAuth(restoring.deleteAgain);
}

/** What `\copy` does. */
const copy = (table: string, ids: readonly string[]) =>
  inAuth(`INSERT INTO ${table} SELECT unnest('{${ids.join()}}'::uuid[])`);

/** The one column that a statement selects. */
const idsIn = async (service: 'chat' | 'feed' | 'profile', statement: string): Promise<string[]> =>
  (await query(system.databaseUrl(service), statement)).flatMap((row) => Object.values(row).map(String));

const refreshToken = async (person: Person): Promise<string> => String((await person.logIn()).body.refresh_token);

const refresh = (person: Person, token: string) => person.ask('POST', 'auth/session/refresh', { refresh_token: token });
