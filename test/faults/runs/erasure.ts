import { setTimeout as sleep } from 'node:timers/promises';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type { SteadyResult } from '../../load/steady-load.ts';
import { startSteadyProcess } from '../../load/steady-process.ts';
import { count, query } from '../../support/database.ts';
import { Person } from '../../support/person.ts';
import { type Context, type Program, verdict } from './program.ts';

type Phase = { seconds: number; load: SteadyResult };
type Erasure = { quiet: Phase; erasing: Phase; left: number };

const MESSAGES = 1_000_000;
const CONVERSATIONS = 1_000;
const COMMENTS = 200_000;
const PUBLICATIONS = 2_000;
const SECOND_MS = 1_000;
const DEADLINE_MS = 30 * 60 * SECOND_MS;
/** How much slower others may find the system while one account is erased. */
const MOST_SLOWDOWN = 2;

/** The program that deletes an account with a million messages and 200,000 comments while others use the system. */
export const erasure: Program = {
  usual: { minutes: 1, rate: 50 },
  nameOf: () => 'erasure',
  async run(context) {
    const result = await eraseUnderLoad(context);
    const problems = judge(result);
    return { text: format(result, problems), problems, result: { ...result, problems } };
  },
};

/** Quiet for as long as MINUTES says, then until the account is erased, both under the same load of others. */
async function eraseUnderLoad({ seed, minutes, rate, note, onLine, signal }: Context): Promise<Erasure> {
  note('starting the system');
  const system = await startSystem({ env: { LOG_LEVEL: 'info', BCRYPT_COST: '4' }, onLine, signal });
  try {
    const { person } = await Person.register(system.url);
    await person.logIn();
    note(`storing ${MESSAGES} messages and ${COMMENTS} comments of one account`);
    await fill(system, person.id);
    const underLoad = (what: string, work: () => Promise<void>) => {
      note(what);
      return measure(system, { rate, seed }, work);
    };
    const quiet = await underLoad('the others alone', () =>
      sleep(minutes * 60 * SECOND_MS, undefined, { signal }).then(() => {}),
    );
    const erasing = await underLoad('the others, and the erasure', async () => {
      await person.ask('DELETE', 'auth');
      const isErased = async () => (await leftOf(system, person.id)) === 0;
      await waitFor('the erasure', isErased, { deadlineMs: DEADLINE_MS, everyMs: SECOND_MS, signal });
    });
    return { quiet, erasing, left: await leftOf(system, person.id) };
  } finally {
    await system.stop();
  }
}

async function measure(
  system: System,
  load: { rate: number; seed: number },
  work: () => Promise<void>,
): Promise<Phase> {
  const steady = await startSteadyProcess({ url: system.url, ...load });
  try {
    const begun = performance.now();
    await work();
    return { seconds: Math.round((performance.now() - begun) / SECOND_MS), load: await steady.stop() };
  } finally {
    steady.kill();
  }
}

async function fill({ databaseUrl }: System, userId: string): Promise<void> {
  await query(
    databaseUrl('chat'),
    `CREATE TEMPORARY TABLE peers AS SELECT n, uuidv7() AS id FROM generate_series(0, ${CONVERSATIONS - 1}) AS n;
     INSERT INTO messages (text, sender, receiver)
       SELECT 'message ' || k, CASE k % 2 WHEN 0 THEN '${userId}' ELSE peers.id END,
              CASE k % 2 WHEN 0 THEN peers.id ELSE '${userId}' END
         FROM generate_series(1, ${MESSAGES}) AS k JOIN peers ON n = k / 2 % ${CONVERSATIONS};
     INSERT INTO conversations (user_id, peer_id, last_message_id)
       SELECT sender, receiver, max(id::text)::uuid FROM (
         SELECT sender, receiver, id FROM messages UNION ALL SELECT receiver, sender, id FROM messages) AS sides
        GROUP BY sender, receiver`,
  );
  await query(databaseUrl('chat'), 'VACUUM ANALYZE');
  await query(
    databaseUrl('feed'),
    `INSERT INTO publications (text, user_id, comment_count)
       SELECT 'publication ' || n, uuidv7(), ${COMMENTS / PUBLICATIONS} FROM generate_series(1, ${PUBLICATIONS}) AS n;
     INSERT INTO comments (pub_id, text, user_id)
       SELECT id, 'comment', '${userId}' FROM generate_series(1, ${COMMENTS / PUBLICATIONS}), publications`,
  );
  await query(databaseUrl('feed'), 'VACUUM ANALYZE');
}

/** Rows of the person, and erasures that have not ended. */
async function leftOf({ databaseUrl }: System, userId: string): Promise<number> {
  const counts = await Promise.all([
    count(databaseUrl('chat'), `SELECT count(*) FROM conversations WHERE user_id = '${userId}'`),
    count(databaseUrl('chat'), 'SELECT count(*) FROM erasures'),
    count(databaseUrl('feed'), `SELECT count(*) FROM (SELECT FROM comments WHERE user_id = '${userId}' LIMIT 1)`),
    count(databaseUrl('feed'), 'SELECT count(*) FROM erasures'),
  ]);
  return counts.reduce((sum, each) => sum + each, 0);
}

function judge({ quiet, erasing, left }: Erasure): string[] {
  const failures = [...quiet.load.failures, ...erasing.load.failures];
  return [
    ...(left > 0 ? ['rows of the account are left'] : []),
    ...failures.slice(0, 10).map(({ request, why }) => `${request} failed: ${why}`),
    ...(erasing.load.p99 > MOST_SLOWDOWN * quiet.load.p99
      ? [`the 99th percentile was ${erasing.load.p99} ms during the erasure, ${quiet.load.p99} ms before it`]
      : []),
  ];
}

function format({ quiet, erasing }: Erasure, problems: readonly string[]): string {
  const line = (what: string, { seconds, load: { requests, p50, p99, max } }: Phase) =>
    `${what}: ${seconds} s, ${requests} requests of others, ${p50} ms median, ${p99} ms for 99 %, ${max} ms at most`;
  return [line('before', quiet), line('during the erasure', erasing), ...verdict(problems)].join('\n');
}
