import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { BUSES, EVENTUALLY } from '../support/buses.ts';
import { count, query } from '../support/database.ts';
import { deadLetters } from '../support/dead-letters.ts';
import { Person } from '../support/person.ts';

type Letter = { topic: string; id: string; key: string; group: string; attempts: number; error: string };

for (const { bus, kafka, skip } of BUSES) {
  describe(`an operator's dead letters, by ${bus}`, { skip }, () => {
    let system: System;
    let reader: Person;

    before(async () => {
      system = await startSystem({ kafka, env: { LOG_LEVEL: 'fatal', BCRYPT_COST: '4' } });
      reader = await Person.joinWithProfile(system.url);
    });
    after(() => system?.stop());

    const profiles = () => system.databaseUrl('profile');
    const command = (...args: string[]) => deadLetters('profile', { DATABASE_URL: profiles() }, ...args);
    const statusOf = (person: Person) => reader.profileStatus(person.id);

    async function listed(...args: string[]): Promise<Letter[]> {
      const { code, output } = await command('list', '--json', ...args);
      assert.equal(code, 0, output);
      return JSON.parse(output).letters;
    }
    async function ended(...args: string[]): Promise<string> {
      const { code, output } = await command(...args);
      assert.equal(code, 0, output);
      return output;
    }
    async function refused(...args: string[]): Promise<string> {
      const { code, output } = await command(...args);
      assert.equal(code, 1, output);
      return output;
    }

    /** Keeps profile from storing new people until the function that is returned mends it. */
    async function breakProfile(): Promise<() => Promise<unknown>> {
      await query(
        profiles(),
        `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more room'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON profiles FOR EACH ROW EXECUTE FUNCTION refuse()`,
      );
      return () => query(profiles(), 'DROP TRIGGER refuse ON profiles; DROP FUNCTION refuse');
    }
    /** An account whose profile could not be made, and the dead letter. */
    async function givenUp(): Promise<{ person: Person; letter: Letter }> {
      const { person } = await Person.register(system.url);
      let letter: Letter | undefined;
      const found = async () => {
        letter = (await listed()).find(({ key }) => key === person.id);
        return letter !== undefined;
      };
      await waitFor('the dead letter', found, { ...EVENTUALLY, everyMs: 500 });
      return { person, letter: letter as Letter };
    }
    /** Effects so far: each tells of itself once. */
    const effects = () => count(profiles(), 'SELECT last_value - (NOT is_called)::int FROM outbox_position_seq');

    test('what could not be handled is listed, and replayed once mended takes effect once', async () => {
      const mend = await breakProfile();
      const { person, letter } = await givenUp();
      await mend();
      assert.deepEqual(
        { topic: letter.topic, group: letter.group, attempts: letter.attempts },
        { topic: 'user-registered', group: 'profile', attempts: 5 },
      );
      assert.match(letter.error, /no more room/);
      const text = await ended();
      assert.match(text, new RegExp(`user-registered +profile +5 +${letter.id}`));
      assert.doesNotMatch(text, /user_id/);
      assert.match(await ended('list', '--payload'), new RegExp(`{"user_id":"${person.id}"}`));
      assert.match(await ended('show', '--id', letter.id), /header {3}ce_source: \/auth[\s\S]+error {4}.*no more room/);

      const before = await effects();
      assert.equal(await statusOf(person), 404);
      assert.match(await ended('replay', '--topic', 'user-registered'), /^1 replayed, none outstanding\.$/m);
      await waitFor('the profile', async () => (await statusOf(person)) === 200, EVENTUALLY);
      assert.deepEqual(await listed(), []);
      assert.equal(await ended('replay'), 'No dead letters.');
      await Person.joinWithProfile(system.url);
      assert.equal((await effects()) - before, 2);
    });

    test('what is not mended yet fails again, and is said', async () => {
      const mend = await breakProfile();
      const { person, letter } = await givenUp();
      assert.match(await refused('replay', '--id', letter.id), /^1 failed again, 1 outstanding\.$/m);
      assert.equal((await listed()).find(({ id }) => id === letter.id)?.attempts, 10);
      await mend();
      assert.match(await ended('replay'), /^1 replayed, none outstanding\.$/m);
      assert.equal(await statusOf(person), 200);
    });

    test('one is replayed by its id, the other one discarded, and it has no effect', async () => {
      const mend = await breakProfile();
      const lost = await givenUp();
      const saved = await givenUp();
      await mend();
      assert.match(await ended('replay', '--id', saved.letter.id), /^1 replayed, 1 outstanding\.$/m);
      await waitFor('the profile', async () => (await statusOf(saved.person)) === 200, EVENTUALLY);
      assert.deepEqual(await listed(), [lost.letter]);
      assert.match(await refused('discard'), /discard what\?/);
      assert.match(await ended('discard', '--all'), /^1 discarded, none outstanding\.$/m);
      assert.deepEqual(await listed(), []);
      assert.equal(await ended('replay'), 'No dead letters.');
      assert.equal(await statusOf(lost.person), 404);
    });

    test('what does not work is one line that says why', async () => {
      const id = randomUUID();
      assert.match(
        await refused('replay', '--id', id),
        new RegExp(`^dead-letters: no outstanding dead letter has the id ${id} .*$`),
      );
      assert.match(
        await refused('list', '--topic', 'gossip'),
        /^dead-letters: "gossip" is not one of user-registered, .*$/,
      );
      assert.match(await refused('eat'), /^dead-letters: "eat" is not one of list, show, replay, discard, import .*$/);
      assert.match(await refused('list', '--limit', '0'), /^dead-letters: --limit is "0", .*$/);
      const nowhere = await deadLetters('profile', { DATABASE_URL: 'postgres://a:secret@127.0.0.1:1/b' }, 'list');
      assert.equal(nowhere.code, 1);
      assert.match(nowhere.output, /^dead-letters: the database cannot be reached: .*$/);
      assert.doesNotMatch(nowhere.output, /secret/);
    });
  });
}
