import { parseArgs } from 'node:util';
import { isTopicName, TOPIC_NAMES } from '@wave-connect/contracts/topics.ts';
import type { Selection } from '../events/dead-letters.ts';

const LISTED = 100;

const COMMANDS = ['list', 'replay', 'discard'] as const;
export type Command = (typeof COMMANDS)[number];

export const USAGE = `Dead letters: events that were given up, with the reason.

  list     shows those that are outstanding, the oldest first
  replay   publishes the events again as they came, and marks them done
  discard  marks them done; what they tell of does not happen

  --topic T    of this topic alone; may be given several times
  --id ID      this event alone; may be given several times
  --limit N    at most so many; list shows ${LISTED} unless told
  --all        discard all of them
  --json       for programs
  --payload    shows the events' data too, which may be private
`;

/** What was typed is not usable. The message says why, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Arguments = { command: Command; selection: Selection; json: boolean };

/**
 * Reads a command line; undefined where it asks for help.
 * @throws UsageError
 */
export function readArguments(args: string[]): Arguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const command = positionals.length === 0 ? 'list' : COMMANDS.find((each) => each === positionals.join(' '));
  if (command === undefined) throw new UsageError(`"${positionals.join(' ')}" is not one of ${COMMANDS.join(', ')}`);

  const { topic: topics = TOPIC_NAMES, id: ids = [], limit, all = false, json = false, payload = false } = values;
  for (const topic of topics) {
    if (!isTopicName(topic)) throw new UsageError(`"${topic}" is not one of ${TOPIC_NAMES.join(', ')}`);
  }
  if (command === 'discard' && values.topic === undefined && ids.length === 0 && !all) {
    throw new UsageError('discard what? Say --topic, --id or --all');
  }
  const usual = command === 'list' ? LISTED : Number.POSITIVE_INFINITY;
  return {
    command,
    selection: { topics: [...new Set(topics)], ids, limit: readLimit(limit) ?? usual, withData: payload },
    json,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        topic: { type: 'string', multiple: true },
        id: { type: 'string', multiple: true },
        limit: { type: 'string' },
        all: { type: 'boolean' },
        json: { type: 'boolean' },
        payload: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--limit is "${text}", which is no number from 1`);
  return Number(text);
}
