import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../support/buses.ts';
import { query } from '../support/database.ts';
import { withAdmin } from '../support/kafka.ts';
import { Person } from '../support/person.ts';
import { restoring } from '../support/runbook.ts';

const GROUP = 'profile';
const TOPICS = ['user-registered', 'user-deleted'];

let system: System;

before(async () => {
  system = await startSystem({ kafka: true, env: { LOG_LEVEL: 'fatal', BCRYPT_COST: '4' } });
});
after(() => system?.stop());

test("a restored profile database catches up with the others, and they with it, by the runbook's steps", {
  skip: testKafkaUnavailable() ?? false,
}, async () => {
  const { profile } = system.services;
  const ada = await complete(await Person.joinWithProfile(system.url));
  const gone = await complete(await Person.joinWithProfile(system.url));
  await waitForAuthor(ada, ada.username);

  await profile.stop();
  await asSuperuser('CREATE DATABASE backup TEMPLATE profile_db');
  const timeOfBackup = Date.now();
  await profile.restart();

  await rename(ada, `later_${ada.username}`);
  await waitForAuthor(ada, `later_${ada.username}`);
  const late = await complete(await Person.joinWithProfile(system.url));
  await waitForAuthor(late, late.username);
  assert.equal((await gone.person.ask('DELETE', 'auth')).status, 204);
  await waitFor('the deletion', async () => (await ada.person.profileStatus(gone.person.id)) === 404, EVENTUALLY);

  await profile.stop();
  await asSuperuser('DROP DATABASE profile_db WITH (FORCE)');
  await asSuperuser('ALTER DATABASE backup RENAME TO profile_db');
  await query(system.databaseUrl('profile'), restoring.newerSequences);
  await deliverAgainSince(timeOfBackup);
  await query(system.databaseUrl('profile'), restoring.announceProfiles);
  await profile.restart();

  await waitForAuthor(ada, ada.username);
  const back = async () => (await ada.person.get(`profile/${late.person.id}`)).body.username === null;
  await waitFor('the profile of the account since then, not completed', back, EVENTUALLY);
  await waitForAuthor(late, undefined);
  await waitFor('the deletion again', async () => (await ada.person.profileStatus(gone.person.id)) === 404, EVENTUALLY);
  await rename(ada, `last_${ada.username}`);
  await waitForAuthor(ada, `last_${ada.username}`);
});

type Completed = { person: Person; username: string; post: string };

async function complete(person: Person): Promise<Completed> {
  const username = `p_${randomUUID().slice(0, 8)}`;
  assert.equal((await person.ask('POST', 'profile', { username })).status, 201);
  const post = (await person.ask('POST', 'feed', { text: 'hello' })).body.id;
  return { person, username, post };
}

async function rename({ person }: Completed, username: string): Promise<void> {
  assert.equal((await person.ask('PUT', 'profile', { username, bio: '' })).status, 200);
}

const waitForAuthor = ({ person, post }: Completed, username: string | undefined) =>
  waitFor(
    `feed to show ${username}`,
    async () => (await person.get(`feed/${post}`)).body.author?.username === username,
    EVENTUALLY,
  );

/** What `kafka-consumer-groups.sh --reset-offsets --to-datetime` does. */
const deliverAgainSince = (time: number) =>
  withAdmin(system, async (admin) => {
    for (const topic of TOPICS) {
      const partitions = await admin.fetchTopicOffsetsByTimestamp(topic, time);
      await admin.setOffsets({ groupId: GROUP, topic, partitions });
    }
  });

const asSuperuser = (statement: string) => query(system.postgres.url('postgres'), statement);
