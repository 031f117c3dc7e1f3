import type { Target } from '../load/target.ts';
import { type Query, withDatabase } from './database.ts';
import { readJournal } from './journal.ts';

type User = { id: string; email: string };
/** `avatar` is the marker at its end, or null without one. */
export type Profile = { id: string; username: string | null; bio: string; avatar: string | null; version: string };
export type Publication = { id: string; user_id: string; text: string; comment_count: number };
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

/** What a service knows of events: `processed` holds ids, `effects` how often each took effect, where that is noted. */
type Inbox = GivenUp & { processed: Map<string, string>; effects: Map<string, number>; tombstones: Set<string> };

export type Tables = {
  auth: GivenUp & { users: User[] };
  profile: Inbox & { profiles: Profile[] };
  feed: Inbox & { publications: Publication[]; comments: Comment[]; authors: Author[] };
  chat: Inbox & { messages: Message[]; conversations: Conversation[] };
};

/** All rows that the audit is about, each table by one query. */
export async function readTables({ databaseUrl }: Pick<Target, 'databaseUrl'>): Promise<Tables> {
  const [auth, profile, feed, chat] = await Promise.all([
    withDatabase(databaseUrl('auth'), async (query) => ({
      deadLetters: await readDeadLetters(query),
      users: await query<User>('SELECT id, email FROM users'),
    })),
    withDatabase(databaseUrl('profile'), async (query) => ({
      ...(await readInbox(query)),
      profiles: await query<Profile>(`
        SELECT id, username, bio, version,
               encode(substring(avatar FROM octet_length(avatar) - 37), 'escape') AS avatar FROM profiles`),
    })),
    withDatabase(databaseUrl('feed'), async (query) => ({
      ...(await readInbox(query)),
      publications: await query<Publication>('SELECT id, user_id, text, comment_count FROM publications ORDER BY id'),
      comments: await query<Comment>('SELECT id, pub_id, user_id, text FROM comments ORDER BY id'),
      authors: await query<Author>('SELECT user_id, username, avatar_url, version FROM authors'),
    })),
    withDatabase(databaseUrl('chat'), async (query) => ({
      ...(await readInbox(query)),
      messages: await query<Message>('SELECT id, sender, receiver, text FROM messages ORDER BY id'),
      conversations: await query<Conversation>(
        'SELECT user_id, peer_id, last_message_id, unread_count, read_up_to FROM conversations',
      ),
    })),
  ]);
  return { auth, profile, feed, chat };
}

/** Without the poison that a test has put on the bus on purpose. */
const readDeadLetters = (query: Query) =>
  query<DeadLetter>(`
    SELECT consumer_group AS "group", topic, event_id AS id, error FROM dead_letters
     WHERE concat(key, value) NOT LIKE '%poison%'`);

async function readInbox(query: Query): Promise<Inbox> {
  const processed = await query<{ event_id: string; event_type: string }>(
    'SELECT event_id, event_type FROM processed_events',
  );
  const tombstones = await query<{ user_id: string }>('SELECT user_id FROM deleted_accounts');
  return {
    deadLetters: await readDeadLetters(query),
    processed: new Map(processed.map(({ event_id, event_type }) => [event_id, event_type])),
    effects: await readJournal(query),
    tombstones: new Set(tombstones.map(({ user_id }) => user_id)),
  };
}
