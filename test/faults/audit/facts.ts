import { type Event, fromMessage, TOPICS } from '@wave-connect/chassis/events';
import type { Payloads } from '@wave-connect/contracts/topics.ts';
import type { DataServiceName } from '@wave-connect/dev-env/system';
import type { Ledger, Write, WriteKind } from '../../load/ledger.ts';
import { query } from '../../support/database.ts';
import { type Brokers, readMessages } from '../../support/kafka.ts';

/** A running system as the audit reaches it: past all that disturbs the services. */
export type Target = Brokers & {
  /** Of the gateway. */
  readonly url: string;
  databaseUrl(service: DataServiceName): string;
};

/**
 * lost: what was acknowledged or announced has not happened, or is gone. doubled: it has happened more than once.
 * wrong: what is there is not what was asked for.
 */
export type FindingKind = 'lost' | 'doubled' | 'wrong';

/** `what` names the rule that is broken, `evidence` the rows or writes that break it. */
export type Finding = { kind: FindingKind; what: string; evidence: string };

export const lost = (what: string, evidence: string): Finding => ({ kind: 'lost', what, evidence });
export const doubled = (what: string, evidence: string): Finding => ({ kind: 'doubled', what, evidence });
export const wrong = (what: string, evidence: string): Finding => ({ kind: 'wrong', what, evidence });

/** What was promised, and what has become of it. */
export type Facts = {
  ledger: Ledger;
  tables: Tables;
  published: Published;
  /** Ids of the accounts that exist. */
  living: ReadonlySet<string>;
  /** Ids of the load's accounts, the deleted ones included. */
  ours: ReadonlySet<string>;
  /** The ledger's writes of a kind, in the order in which they ended. */
  writes(kind: WriteKind): readonly Write[];
};

export type Rule = (facts: Facts) => Finding[];

export async function gatherFacts(target: Target, ledger: Ledger): Promise<Facts> {
  const [tables, published] = await Promise.all([readTables(target), readPublished(target)]);
  const byKind = Map.groupBy(ledger.writes, ({ kind }) => kind);
  return {
    ledger,
    tables,
    published,
    living: new Set(tables.auth.users.map(({ id }) => id)),
    ours: new Set(ledger.people.map(({ session }) => session.id)),
    writes: (kind) => byKind.get(kind) ?? [],
  };
}

/** Every event that was ever published: by topic, in the order of each partition, with those that are there twice. */
type Published = Map<string, Event[]>;

/** Poison is left out, which a fault has put there on purpose. */
async function readPublished(target: Target): Promise<Published> {
  const names = TOPICS.map(({ name }) => name);
  const topics = [...(await readMessages(target, names))].map(([topic, messages]): [string, Event[]] => {
    const sound = messages.filter(({ value, key }) => !`${value}${key}`.includes('poison'));
    return [topic, sound.map((message) => fromMessage(topic, message))];
  });
  return new Map(topics);
}

/** The events of a topic without those that are there twice: consumers are to take them for one. */
export function distinctEvents<Type extends keyof Payloads>({ published }: Facts, type: Type) {
  const byId = new Map((published.get(type) ?? []).map((event) => [event.id, event]));
  return [...byId.values()] as Event<Payloads[Type]>[];
}

export const describeEvent = ({ id, type, key }: Event): string => `${type} ${id} of ${key}`;

type User = { id: string; email: string };
/** `avatar` is its entity tag, or null without one. */
export type Profile = { id: string; username: string | null; bio: string; avatar: string | null; version: string };
type Publication = { id: string; user_id: string; text: string; comment_count: number };
type Comment = { id: string; pub_id: string; user_id: string; text: string };
type Author = { user_id: string; username: string | null; avatar_url: string | null; version: string };
export type Message = { id: string; sender: string; receiver: string; text: string };
export type Conversation = {
  user_id: string;
  peer_id: string;
  last_message_id: string;
  unread_count: number;
  read_up_to: string | null;
};

type DeadLetter = { group: string; topic: string; id: string; error: string };
type GivenUp = { deadLetters: DeadLetter[] };

/** What a service keeps of events: ids of those processed, how often each took effect where that is noted, tombstones. */
type Inbox = GivenUp & { processed: Set<string>; effects: Map<string, number>; tombstones: Set<string> };

/** All rows that the audit is about. */
type Tables = {
  auth: GivenUp & { users: User[] };
  profile: Inbox & { profiles: Profile[] };
  feed: Inbox & { publications: Publication[]; comments: Comment[]; authors: Author[] };
  chat: Inbox & { messages: Message[]; conversations: Conversation[] };
};

async function readTables({ databaseUrl }: Target): Promise<Tables> {
  const [auth, profile, feed, chat] = [
    databaseUrl('auth'),
    databaseUrl('profile'),
    databaseUrl('feed'),
    databaseUrl('chat'),
  ];
  return {
    auth: {
      deadLetters: await readDeadLetters(auth),
      users: await query<User>(auth, 'SELECT id, email FROM users'),
    },
    profile: {
      ...(await readInbox(profile)),
      profiles: await query<Profile>(profile, 'SELECT id, username, bio, version, avatar_etag AS avatar FROM profiles'),
    },
    feed: {
      ...(await readInbox(feed)),
      publications: await query(feed, 'SELECT id, user_id, text, comment_count FROM publications ORDER BY id'),
      comments: await query(feed, 'SELECT id, pub_id, user_id, text FROM comments ORDER BY id'),
      authors: await query(feed, 'SELECT user_id, username, avatar_url, version FROM authors'),
    },
    chat: {
      ...(await readInbox(chat)),
      messages: await query(chat, 'SELECT id, sender, receiver, text FROM messages ORDER BY id'),
      conversations: await query(
        chat,
        'SELECT user_id, peer_id, last_message_id, unread_count, read_up_to FROM conversations',
      ),
    },
  };
}

/** Without the poison that a test has put on the bus on purpose. */
const readDeadLetters = (url: string) =>
  query<DeadLetter>(
    url,
    `SELECT consumer_group AS "group", topic, event_id AS id, error FROM dead_letters
      WHERE concat(key, value) NOT LIKE '%poison%'`,
  );

async function readInbox(url: string): Promise<Inbox> {
  const [journal] = await query<{ there: boolean }>(url, "SELECT to_regclass('audit.effects') IS NOT NULL AS there");
  const effects = journal?.there
    ? await query(url, 'SELECT event_id, count(*)::int AS times FROM audit.effects GROUP BY event_id')
    : [];
  const processed = await query(url, 'SELECT event_id FROM processed_events');
  const tombstones = await query(url, 'SELECT user_id FROM deleted_accounts');
  return {
    deadLetters: await readDeadLetters(url),
    processed: new Set(processed.map(({ event_id }) => event_id)),
    effects: new Map(effects.map(({ event_id, times }) => [event_id, times])),
    tombstones: new Set(tombstones.map(({ user_id }) => user_id)),
  };
}

/** Services that keep an inbox. */
export const CONSUMERS = ['profile', 'feed', 'chat'] as const;

const JOURNAL = `
  CREATE SCHEMA IF NOT EXISTS audit;
  CREATE TABLE IF NOT EXISTS audit.effects (event_id uuid NOT NULL);
  CREATE OR REPLACE FUNCTION audit.note_effect() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
  BEGIN
    INSERT INTO audit.effects VALUES (NEW.event_id);
    RETURN NULL;
  END
  $$;
  CREATE OR REPLACE TRIGGER note_effect AFTER INSERT ON processed_events
    FOR EACH ROW EXECUTE FUNCTION audit.note_effect();`;

/**
 * Notes from now on each event that an inbox takes for new, in the transaction of the effect, so that an inbox
 * which forgets can be told from one that does not.
 */
export async function keepJournal({ databaseUrl }: Pick<Target, 'databaseUrl'>): Promise<void> {
  await Promise.all(CONSUMERS.map((name) => query(databaseUrl(name), JOURNAL)));
}
