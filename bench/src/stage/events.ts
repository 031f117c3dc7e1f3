import { waitFor } from '@wave-connect/dev-env/waiting';
import { count, query } from '../../../test/support/database.ts';
import { sum } from '../../../test/support/statistics.ts';

const DEADLINE_MS = 60_000;

/** Where a service's events wait: in its outbox, then in the bus where that is one of Postgres. */
type Queues = { databaseUrl: string; eventsUrl: string };

const onPostgres = (url: string) => /^postgres/.test(url);

/** How many events wait to be handled, as far as that can be asked. */
export async function eventsBehind({ databaseUrl, eventsUrl }: Queues): Promise<number> {
  const counts = [
    count(databaseUrl, 'SELECT count(*) FROM outbox'),
    ...(onPostgres(eventsUrl) ? [count(eventsUrl, "SELECT count(*) FROM events.job WHERE state < 'completed'")] : []),
  ];
  return sum(await Promise.all(counts));
}

/** Has no event left that would still be worked on beside what is measured next. */
export async function dropEvents(queues: Queues): Promise<void> {
  const { databaseUrl, eventsUrl } = queues;
  const dropped = async () => {
    await query(databaseUrl, 'DELETE FROM outbox');
    if (onPostgres(eventsUrl)) await query(eventsUrl, "DELETE FROM events.job WHERE state IN ('created', 'retry')");
    return (await eventsBehind(queues)) === 0;
  };
  await waitFor('events at hand to be handled', dropped, { deadlineMs: DEADLINE_MS });
}
