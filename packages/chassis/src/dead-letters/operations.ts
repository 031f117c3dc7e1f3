import { setTimeout as sleep } from 'node:timers/promises';
import { COLUMNS, type Database, type DeadLetter, isOfOutbox, isOfReplicas } from '../events/dead-letters.ts';

/** How long a replay is waited for, in ms, and how often it is looked at. */
const REPLAY_WAIT_MS = 30_000;
const REPLAY_LOOK_MS = 250;

/** The letters that an operator means; an empty list means all. */
export type Selection = { groups: readonly string[]; topics: readonly string[]; ids: readonly string[] };

/** `failed`: it is a dead letter again. `requested`: the service has not come to it yet. */
export type Outcome = 'replayed' | 'failed' | 'requested' | 'discarded';
export type Settled = { letter: DeadLetter; outcome: Outcome };

const SELECTED = `($1::text[] = '{}' OR consumer_group = ANY ($1)) AND ($2::text[] = '{}' OR topic = ANY ($2))
  AND ($3::text[] = '{}' OR event_id = ANY ($3))`;
export const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The selected letters, at most `limit` of them, the oldest first. */
export async function select(database: Database, selection: Selection, limit: number): Promise<DeadLetter[]> {
  const { groups, topics, ids } = selection;
  const { rows } = await database.query<DeadLetter>(
    `SELECT ${COLUMNS} FROM dead_letters WHERE ${SELECTED} ORDER BY position LIMIT $4`,
    [groups, topics, ids, limit],
  );
  return rows;
}

/** How many letters there are in all of these groups and topics. */
export async function count(database: Database, { groups, topics }: Omit<Selection, 'ids'>): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM dead_letters WHERE ${SELECTED}`,
    [groups, topics, []],
  );
  return rows[0]?.count ?? 0;
}

/**
 * Has the service replay the letters, and waits for it. Those of its outbox go back there, with their sequence. Call it
 * outside of a transaction.
 */
export async function replay(database: Database, letters: readonly DeadLetter[]): Promise<Settled[]> {
  const outgoing = letters.filter(({ group }) => isOfOutbox(group));
  const incoming = letters.filter(({ group }) => !isOfOutbox(group));
  for (const letter of outgoing) await returnToOutbox(database, letter);
  await database.query('UPDATE dead_letters SET replay_requested_at = CURRENT_TIMESTAMP WHERE position = ANY ($1)', [
    positionsOf(incoming),
  ]);
  return [
    ...outgoing.map((letter): Settled => ({ letter, outcome: 'replayed' })),
    ...(await whenReplayed(database, incoming)),
  ];
}

async function whenReplayed(database: Database, letters: readonly DeadLetter[]): Promise<Settled[]> {
  for (const deadline = performance.now() + REPLAY_WAIT_MS; ; await sleep(REPLAY_LOOK_MS)) {
    const { rows } = await database.query<DeadLetter>(`SELECT ${COLUMNS} FROM dead_letters WHERE position = ANY ($1)`, [
      positionsOf(letters),
    ]);
    if (performance.now() < deadline && rows.some(({ replayRequested }) => replayRequested)) continue;
    return letters.map((letter) => {
      const left = rows.find(({ position }) => position === letter.position);
      if (left === undefined) return { letter, outcome: 'replayed' };
      return { letter: left, outcome: left.replayRequested ? 'requested' : 'failed' };
    });
  }
}

async function returnToOutbox(database: Database, letter: DeadLetter): Promise<void> {
  const { position, topic, id, key, value, headers } = letter;
  const { aggregatetype, ce_sequence, ce_requestid = null, ce_time } = headers;
  await database.query(
    `WITH gone AS (DELETE FROM dead_letters WHERE position = $1)
     INSERT INTO outbox (id, position, aggregatetype, aggregateid, type, payload, request_id, time_created)
     VALUES ($2, $3, $4, $5, $6, $7, $8, $9)`,
    [position, id, ce_sequence, aggregatetype, key, topic, value, ce_requestid, ce_time],
  );
}

/**
 * Forgets the letters. The inbox takes their events for handled, so that a copy of one that comes later, from the bus or
 * by an import, has no effect either.
 */
export async function discard(database: Database, letters: readonly DeadLetter[]): Promise<Settled[]> {
  const handled = letters.filter(({ group, id }) => hasInbox(group) && UUID.test(id));
  // Before the letters go: cut short, it is done by doing it again. Auth has no inbox, and no such table.
  if (handled.length > 0) {
    await database.query(
      `INSERT INTO processed_events (event_id, event_type) SELECT * FROM unnest($1::uuid[], $2::text[])
         ON CONFLICT DO NOTHING`,
      [handled.map(({ id }) => id), handled.map(({ topic }) => topic)],
    );
  }
  await database.query('DELETE FROM dead_letters WHERE position = ANY ($1)', [positionsOf(letters)]);
  return letters.map((letter) => ({ letter, outcome: 'discarded' }));
}

const hasInbox = (group: string) => !isOfOutbox(group) && !isOfReplicas(group);

const positionsOf = (letters: readonly DeadLetter[]) => letters.map(({ position }) => position);
