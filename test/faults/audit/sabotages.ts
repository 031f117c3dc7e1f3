import { randomUUID } from 'node:crypto';
import type { EventBus } from '@wave-connect/chassis/events';
import { withClient } from '@wave-connect/dev-env/postgres';
import type { DataServiceName } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { attempted, type Ledger, newMarker, type Write, type WriteKind } from '../../load/ledger.ts';
import { EVENTUALLY } from '../../support/buses.ts';
import { query } from '../../support/database.ts';
import { anEvent } from '../../support/events.ts';
import { Person } from '../../support/person.ts';
import type { FindingKind, Target } from './facts.ts';
import { settle } from './settle.ts';

type Scene = { target: Target; ledger: Ledger; bus: EventBus };

/** `finds` is the beginning of a finding; `commit` returns what its evidence must name. */
export type Sabotage = { finds: `${FindingKind}: ${string}`; commit(scene: Scene): Promise<string> };

const breaks = (finds: Sabotage['finds'], commit: Sabotage['commit']): Sabotage => ({ finds, commit });

/** By one statement, which returns what the evidence must name. */
const spoils = (
  finds: Sabotage['finds'],
  service: DataServiceName,
  statement: (scene: Scene) => string | Promise<string>,
): Sabotage => ({ finds, commit: async (scene) => changed(scene, service, await statement(scene)) });

/** The first column of the one row that the statement returns. */
async function changed({ target }: Scene, service: DataServiceName, statement: string): Promise<string> {
  const [row] = await query(target.databaseUrl(service), statement);
  const [value] = Object.values(row ?? {});
  if (value === undefined) throw new Error(`nothing to spoil: ${statement}`);
  return value;
}

/** The n-th of the writes that were acknowledged, by and to people who have not left; -1 is the last. */
function acknowledged({ ledger }: Scene, kind: WriteKind, n = 0): Write & { id: string } {
  const left = new Set(ledger.people.filter((person) => person.left).map(({ session }) => session.id));
  const writes = ledger.writes.filter((write) => write.kind === kind && write.outcome === 'acknowledged');
  const write = writes.filter(({ by, about }) => !left.has(by) && !left.has(about)).at(n);
  if (!write) throw new Error(`the load has no ${kind} to spoil`);
  return { id: '', ...write };
}

/** The n-th acknowledged message as an event and a device have it. */
function messageOf(scene: Scene, n: number) {
  const { id, marker: text, by: sender, about: receiver } = acknowledged(scene, 'message', n);
  return { id, text, sender, receiver, time_sent: new Date().toISOString() };
}

const deviceOf = ({ ledger }: Scene, id: string) =>
  ledger.people.find(({ session }) => session.id === id)?.received ?? fail('no such device');

function fail(why: string): never {
  throw new Error(why);
}

/** A publication that the other sabotages leave alone, by its place among those that fulfil the condition. */
const publication = (scene: Scene, n: number, condition: string) =>
  changed(scene, 'feed', `SELECT id FROM publications WHERE ${condition} ORDER BY id OFFSET ${n} LIMIT 1`);

const deletedAccount = (scene: Scene) =>
  changed(scene, 'profile', 'SELECT user_id FROM deleted_accounts ORDER BY user_id LIMIT 1');

/** Does `work` while an `event` on a table runs `body` for each row. */
async function withTrigger<T>(
  { target }: Scene,
  [service, table, event, body]: [service: DataServiceName, table: string, event: string, body: string],
  work: () => Promise<T>,
): Promise<T> {
  const url = target.databaseUrl(service);
  await query(
    url,
    `CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
     CREATE TRIGGER sabotage ${event} ON ${table} FOR EACH ROW EXECUTE FUNCTION sabotage();`,
  );
  try {
    return await work();
  } finally {
    await query(url, `DROP TRIGGER sabotage ON ${table}; DROP FUNCTION sabotage();`);
  }
}

/** Each by its name. No two of them touch the same thing. */
export const SABOTAGES: Readonly<Record<string, Sabotage>> = {
  // The outbox and the inbox, broken.
  'a registration that is published and then rolled back': breaks(
    'wrong: a registration was announced that did not happen',
    async ({ target, bus }) => {
      const id = randomUUID();
      await withClient(target.databaseUrl('auth'), async (client) => {
        await client.query(`BEGIN; INSERT INTO users (id, email, password_hash) VALUES ('${id}', '${id}', '')`);
        await bus.publish([anEvent('user-registered', id, { user_id: id })]);
        await client.query('ROLLBACK');
      });
      return id;
    },
  ),
  'a message that is published and then rolled back': breaks(
    'wrong: a message was announced that is not there',
    async (scene) => {
      const message = { ...messageOf(scene, 0), id: randomUUID(), text: 'hello' };
      await scene.bus.publish([anEvent('chat-messages', message.sender, message)]);
      return message.id;
    },
  ),
  'a profile that is announced and then rolled back': breaks(
    'wrong: a description was announced that was never written',
    async (scene) => {
      const { by: user_id } = acknowledged(scene, 'profile', 2);
      const bio = newMarker();
      await scene.bus.publish([
        anEvent('profile-updates', user_id, { user_id, username: null, bio, avatar_etag: null }),
      ]);
      return bio;
    },
  ),
  'a registration that is committed and never published': breaks('lost: a registration was not announced', (scene) => {
    const drop = 'DELETE FROM outbox WHERE id = NEW.id; RETURN NULL;';
    return withTrigger(scene, ['auth', 'outbox', 'AFTER INSERT', drop], async () => {
      return (await Person.register(scene.target.url)).person.id;
    });
  }),
  'an outbox that announces a message twice': breaks('doubled: a message was announced 2 times', async (scene) => {
    const message = messageOf(scene, 1);
    await scene.bus.publish([anEvent('chat-messages', message.sender, message)]);
    return message.id;
  }),
  'an inbox that forgets, and an event that comes twice': breaks(
    'doubled: an event had its effect 2 times in profile',
    (scene) => {
      const forget = 'DELETE FROM processed_events WHERE event_id = NEW.event_id; RETURN NULL;';
      return withTrigger(scene, ['profile', 'processed_events', 'AFTER INSERT', forget], async () => {
        const { id } = await Person.joinWithProfile(scene.target.url);
        const forgotten = 'audit.effects LEFT JOIN processed_events USING (event_id) WHERE processed_at IS NULL';
        const eventId = await changed(scene, 'profile', `SELECT event_id FROM ${forgotten}`);
        await scene.bus.publish([anEvent('user-registered', id, { user_id: id }, eventId)]);
        const times = `SELECT count(*) FROM audit.effects WHERE event_id = '${eventId}'`;
        const isTwice = async () => Number(await changed(scene, 'profile', times)) === 2;
        await waitFor('the second effect', isTwice, EVENTUALLY);
        return eventId;
      });
    },
  ),
  'an inbox that takes an event for one that it knows': breaks('lost: an event had no effect in feed', (scene) =>
    withTrigger(scene, ['feed', 'processed_events', 'BEFORE INSERT', 'RETURN NULL;'], async () => {
      const { id } = await Person.joinWithProfile(scene.target.url);
      await settle(scene.target, EVENTUALLY);
      return id;
    }),
  ),
  'an event that becomes a dead letter': spoils(
    'lost: an event is a dead letter',
    'feed',
    () => `INSERT INTO dead_letters (consumer_group, topic, event_id, headers, error, attempts)
           VALUES ('feed', 'user-deleted', uuidv7(), '{}', 'it was too much', 5) RETURNING event_id`,
  ),

  // Rows that are not as the people of the load left them.
  'a message that is gone': spoils('lost: an acknowledged message is not there', 'chat', (scene) => {
    return `DELETE FROM messages WHERE id = '${messageOf(scene, 2).id}' RETURNING text`;
  }),
  'a publication that is there although its response was 503': breaks(
    'wrong: a refused post is there',
    async (scene) => {
      const { by } = acknowledged(scene, 'profile', 3);
      const marker = newMarker();
      await changed(
        scene,
        'feed',
        `INSERT INTO publications (user_id, text) VALUES ('${by}', '${marker}') RETURNING id`,
      );
      const at = Date.now();
      const outcome = attempted({ status: 503, headers: {}, body: {} }, { ok: 201 });
      (scene.ledger.writes as Write[]).push({ kind: 'post', by, marker, about: '', begun: at, ended: at, ...outcome });
      return marker;
    },
  ),
  'a message that is there twice': spoils('doubled: a message is there 2 times', 'chat', (scene) => {
    return `INSERT INTO messages (text, sender, receiver) SELECT text, sender, receiver FROM messages
      WHERE id = '${messageOf(scene, 3).id}' RETURNING text`;
  }),
  'an unread message that is counted twice': spoils('doubled: an unread message is counted twice', 'chat', (scene) => {
    const { sender, receiver } = messageOf(scene, -1);
    return `UPDATE conversations SET unread_count = unread_count + 1
      WHERE user_id = '${receiver}' AND peer_id = '${sender}' RETURNING user_id`;
  }),
  'a read that is undone': spoils('lost: an acknowledged read has no effect', 'chat', () => {
    return `UPDATE conversations SET unread_count = 1000, read_up_to = NULL WHERE (user_id, peer_id) IN (
      SELECT user_id, peer_id FROM conversations ORDER BY read_up_to NULLS LAST LIMIT 1) RETURNING user_id`;
  }),
  'a comment that is there twice': spoils('doubled: a comment is there 2 times', 'feed', () => {
    return `INSERT INTO comments (pub_id, text, user_id) SELECT pub_id, text, user_id FROM comments
      ORDER BY id LIMIT 1 RETURNING text`;
  }),
  'a comment count that is one too many': spoils('wrong: a comment count is off', 'feed', async (scene) => {
    const id = await publication(scene, 0, 'comment_count = 0');
    return `UPDATE publications SET comment_count = 1 WHERE id = '${id}' RETURNING id`;
  }),
  'a publication that is gone': spoils('lost: an acknowledged post is not there', 'feed', async (scene) => {
    const id = await publication(scene, 1, 'comment_count = 0');
    return `DELETE FROM publications WHERE id = '${id}' RETURNING split_part(text, ' ', 1)`;
  }),
  'a publication that is edited back': spoils('lost: the text of', 'feed', async (scene) => {
    const id = await publication(scene, 0, "text LIKE '% %'");
    return `UPDATE publications SET text = split_part(text, ' ', 1) WHERE id = '${id}' RETURNING id`;
  }),
  'a deleted publication that is back': spoils('lost: what was deleted is there', 'feed', (scene) => {
    const { about, by } = acknowledged(scene, 'post-deletion');
    return `INSERT INTO publications (id, user_id, text) VALUES ('${about}', '${by}', 'back') RETURNING id`;
  }),
  'a publication of a deleted account': spoils(
    'wrong: a row of publications belongs to no account',
    'feed',
    async (scene) =>
      `INSERT INTO publications (user_id, text) VALUES ('${await deletedAccount(scene)}', 'still here') RETURNING id`,
  ),
  'an author of long ago': spoils('wrong: feed shows another author than the profile', 'feed', () => {
    return `UPDATE authors SET username = 'of_long_ago' WHERE user_id = (
      SELECT user_id FROM authors WHERE username IS NOT NULL ORDER BY user_id LIMIT 1) RETURNING user_id`;
  }),
  'a profile at an earlier version': spoils('lost: the profile of', 'profile', (scene) => {
    const { by, marker, username } = acknowledged(scene, 'profile');
    return `UPDATE profiles SET bio = '${marker}', username = '${username}' WHERE id = '${by}' RETURNING bio`;
  }),
  'a tombstone of a living account': spoils(
    'wrong: chat takes an account for deleted that is there',
    'chat',
    (scene) => {
      const { by } = acknowledged(scene, 'profile', 1);
      return `INSERT INTO deleted_accounts (user_id) VALUES ('${by}') RETURNING user_id`;
    },
  ),
  'a deletion that one service does not know of': spoils(
    'lost: profile does not know of a deletion',
    'profile',
    async (scene) => `DELETE FROM deleted_accounts WHERE user_id = '${await deletedAccount(scene)}' RETURNING user_id`,
  ),
  'an account that is gone': spoils('lost: an account that was not deleted is gone', 'auth', ({ ledger }) => {
    const { session } = ledger.people.findLast(({ left }) => !left) ?? fail('no account');
    return `DELETE FROM users WHERE id = '${session.id}' RETURNING id`;
  }),

  // Devices that did not get what they were to get.
  'a device that missed a message': breaks('lost: a message did not reach a device', async (scene) => {
    const { id, receiver } = messageOf(scene, 5);
    deviceOf(scene, receiver).messages.delete(id);
    return id;
  }),
  'a socket that brought a message twice': breaks('doubled: a device got its messages wrong', async (scene) => {
    const message = messageOf(scene, 6);
    const socket = new Set<string>();
    const device = deviceOf(scene, message.receiver);
    device.live(message, socket);
    device.live(message, socket);
    return message.id;
  }),
  'a device that got a message which was rolled back': breaks(
    'wrong: a device got a message that is not there',
    async (scene) => {
      const message = { ...messageOf(scene, 7), id: randomUUID(), text: 'hello' };
      deviceOf(scene, message.receiver).live(message, new Set());
      return message.id;
    },
  ),
};
