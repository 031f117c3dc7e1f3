import { randomUUID } from 'node:crypto';
import { ConfigError, type Env } from '../config/env.ts';
import { readEventsConfig } from '../config/events.ts';
import { isTransient } from '../database/transient.ts';
import { createDeadLetters } from '../events/create-dead-letters.ts';
import {
  type DeadLetterBox,
  discardDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  type Selected,
} from '../events/dead-letters.ts';
import { createLogger } from '../observability/log.ts';
import { type Arguments, readArguments, USAGE, UsageError } from './arguments.ts';
import { asJson, asText, oneLine } from './output.ts';

const ACTIONS = { list: listDeadLetters, replay: replayDeadLetters, discard: discardDeadLetters };

/**
 * The operators' command for dead letters, on the bus that EVENTS_URL and the KAFKA_ settings name. The exit code is
 * 1 where it failed, with one line that says why.
 */
export async function runDlq(args: string[], env: Env): Promise<void> {
  try {
    const asked = readArguments(args);
    if (asked) await run(asked, env);
    else process.stdout.write(USAGE);
  } catch (error) {
    process.stderr.write(`dlq: ${explain(error)}\n`);
    process.exitCode = 1;
  }
}

async function run({ command, selection, json }: Arguments, env: Env): Promise<void> {
  const log = createLogger('dlq', 'silent');
  const box = createDeadLetters(readEventsConfig(env), { clientId: `dlq.${randomUUID()}`, log });
  const selected = await closing(box, () => ACTIONS[command](box, selection));
  const found = selected.letters.length > 0 || selection.ids.length === 0;
  if (found) process.stdout.write(json ? asJson(command, selected) : asText(command, selected));
  requireFound(selection.ids, selected);
}

async function closing<T>(box: DeadLetterBox, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await box.close();
  }
}

function requireFound(ids: readonly string[], { letters }: Selected): void {
  const unknown = ids.filter((id) => !letters.some((letter) => letter.id === id));
  if (unknown.length > 0) throw new UsageError(`no outstanding dead letter has the id ${unknown.join(', ')}`);
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${oneLine(error.message)} (--help says more)`;
  if (error instanceof ConfigError) return error.problems.map(oneLine).join('; ');
  const { message, code } = error as Error & { code?: string };
  const what = oneLine(message || code || String(error));
  return isTransient(error) ? `the event bus cannot be reached: ${what}` : what;
}
