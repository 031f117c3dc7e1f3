import { parseArgs } from 'node:util';
import type { Selection } from './operations.ts';

const LISTED = 100;

const COMMANDS = ['list', 'show', 'replay', 'discard', 'import'] as const;
export type Command = (typeof COMMANDS)[number];

export const USAGE = `Dead letters: events that were given up, with the reason.

  list     shows those that wait, the oldest first
  show     shows all that is known of them, with the events' data, which may be private
  replay   has the service handle them again, one after the other, and says what became of them
  discard  forgets them; what they tell of does not happen
  import   takes over what earlier versions left on topics named <topic>.dlq

  --topic T    of this topic alone; may be given several times
  --group G    of this consumer group alone; may be given several times
  --id ID      this event alone; may be given several times
  --limit N    at most so many; list and show stop after ${LISTED} unless told
  --all        discard all of them
  --json       for programs
  --payload    list shows the events' data too
`;

/** What was typed is not usable. The message says why, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Arguments = { command: Command; selection: Selection; limit: number; json: boolean; payload: boolean };

/**
 * Reads a command line; undefined where it asks for help.
 * @throws UsageError
 */
export function readArguments(args: string[]): Arguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const command = positionals.length === 0 ? 'list' : COMMANDS.find((each) => each === positionals.join(' '));
  if (command === undefined) throw new UsageError(`"${positionals.join(' ')}" is not one of ${COMMANDS.join(', ')}`);

  const { topic: topics = [], group: groups = [], id: ids = [], limit, all = false } = values;
  const isAnything = topics.length === 0 && groups.length === 0 && ids.length === 0;
  if (command === 'discard' && isAnything && !all) {
    throw new UsageError('discard what? Say --topic, --group, --id or --all');
  }
  return {
    command,
    selection: { topics, groups, ids },
    limit: readLimit(limit) ?? (command === 'list' || command === 'show' ? LISTED : Number.MAX_SAFE_INTEGER),
    json: values.json ?? false,
    payload: values.payload ?? command === 'show',
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        topic: { type: 'string', multiple: true },
        group: { type: 'string', multiple: true },
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
