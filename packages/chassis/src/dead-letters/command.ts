import { isTopicName, TOPIC_NAMES } from '@wave-connect/contracts/topics.ts';
import pg from 'pg';
import { readDatabaseConfig } from '../config/database.ts';
import { ConfigError, type Env } from '../config/env.ts';
import { readEventsConfig } from '../config/events.ts';
import { isTransient } from '../database/transient.ts';
import { isOfReplicas } from '../events/dead-letters.ts';
import { type Arguments, readArguments, USAGE, UsageError } from './arguments.ts';
import { importDeadLetters } from './import.ts';
import { count, discard, replay, type Selection, select } from './operations.ts';
import { asJson, asText, oneLine, type Result } from './output.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** A service whose dead letters are meant. `env` has what the service itself runs with. */
export type Target = { service: string; env: Env };

/**
 * The operators' command for dead letters, on the databases of these services. The exit code is 1 where it failed, with
 * one line that says why, and where an event failed again or was not come to.
 */
export async function runDeadLetters(args: string[], targets: readonly Target[]): Promise<void> {
  try {
    const asked = readArguments(args);
    if (asked === undefined) process.stdout.write(USAGE);
    else if (asked.command === 'import') await runImport(targets);
    else await run(asked, targets);
  } catch (error) {
    process.stderr.write(`dead-letters: ${explain(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(asked: Arguments, targets: readonly Target[]): Promise<void> {
  const { command, selection, json, payload } = asked;
  const result: Result = { letters: [], outstanding: 0 };
  for (const { env } of targets) {
    await withDatabase(env, async (database) => {
      const letters = await act(database, { ...asked, limit: asked.limit - result.letters.length });
      result.letters.push(...letters);
      result.outstanding += await count(database, selection);
    });
  }
  const missing = whatIsMissing(selection, result);
  const isWorthShowing = result.letters.length > 0 || missing === undefined;
  if (isWorthShowing) process.stdout.write((json ? asJson : asText)(command, result, payload));
  if (missing !== undefined) throw new UsageError(missing);
  if (result.letters.some(({ outcome }) => outcome === 'failed' || outcome === 'requested')) process.exitCode = 1;
}

async function act(database: pg.Client, { command, selection, limit }: Arguments): Promise<Result['letters']> {
  const letters = await select(database, selection, limit);
  if (command === 'discard') return discard(database, letters);
  if (command !== 'replay') return letters.map((letter) => ({ letter }));
  const [replicas] = letters.filter(({ group }) => isOfReplicas(group));
  if (replicas && selection.ids.length > 0) {
    throw new UsageError(`${replicas.id} cannot be replayed: a replica that runs now has missed nothing. Discard it`);
  }
  return replay(
    database,
    letters.filter(({ group }) => !isOfReplicas(group)),
  );
}

async function runImport(targets: readonly Target[]): Promise<void> {
  let imported = 0;
  for (const { service, env } of targets) {
    imported += await withDatabase(env, (database) => importDeadLetters(database, service, readEventsConfig(env)));
  }
  process.stdout.write(`${imported} imported.\n`);
}

async function withDatabase<T>(env: Env, work: (database: pg.Client) => Promise<T>): Promise<T> {
  const database = new pg.Client({
    connectionString: readDatabaseConfig(env).directUrl.value(),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // What breaks the connection fails the query, too.
  database.on('error', () => {});
  await database.connect();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}

function whatIsMissing({ ids, topics }: Selection, { letters }: Result): string | undefined {
  const unknown = ids.filter((id) => !letters.some(({ letter }) => letter.id === id));
  if (unknown.length > 0) return `no outstanding dead letter has the id ${unknown.join(', ')}`;
  const misspelt = topics.find((topic) => !isTopicName(topic) && !letters.some(({ letter }) => letter.topic === topic));
  return misspelt && `"${misspelt}" is not one of ${TOPIC_NAMES.join(', ')}`;
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${oneLine(error.message)} (--help says more)`;
  if (error instanceof ConfigError) return error.problems.map(oneLine).join('; ');
  const { message, code } = error as Error & { code?: string };
  const what = oneLine(message || code || String(error));
  return isTransient(error) ? `the database cannot be reached: ${what}` : what;
}
