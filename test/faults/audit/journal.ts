import type { Target } from '../load/target.ts';
import { type Query, withDatabase } from './database.ts';

/** Services that keep an inbox. */
export const CONSUMERS = ['profile', 'feed', 'chat'] as const;
export type ConsumerName = (typeof CONSUMERS)[number];

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
  await Promise.all(CONSUMERS.map((name) => withDatabase(databaseUrl(name), (query) => query(JOURNAL))));
}

/** How often each event took effect; empty where nobody keeps a journal. */
export async function readJournal(query: Query): Promise<Map<string, number>> {
  const [found] = await query<{ there: boolean }>("SELECT to_regclass('audit.effects') IS NOT NULL AS there");
  if (!found?.there) return new Map();
  const rows = await query<{ event_id: string; times: number }>(
    'SELECT event_id, count(*)::int AS times FROM audit.effects GROUP BY event_id',
  );
  return new Map(rows.map(({ event_id, times }) => [event_id, times]));
}
