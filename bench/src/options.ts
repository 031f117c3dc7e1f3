import { parseArgs } from 'node:util';
import { SetupError } from '@wave-connect/dev-env/machine';

const NAMES = ['gateway', 'post', 'upload', 'feed', 'login', 'chat', 'idle'] as const;
export type SuiteName = (typeof NAMES)[number];

export type Options = {
  only: readonly SuiteName[];
  /** Rounds that count. */
  rounds: number;
  /** Length of one measurement. */
  seconds: number;
  /** Sockets that are held open at once. */
  sockets: number;
  /** A Kafka broker carries the events, not Postgres. */
  kafka: boolean;
  /** Whether our services write CPU profiles, which slows them down. */
  profile: boolean;
};

/** Fewer say little about a machine that does other things too. */
export const ENOUGH_ROUNDS = 5;

/** @throws SetupError that says what is wrong with the arguments */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: NAMES.join() },
      rounds: { type: 'string', default: String(ENOUGH_ROUNDS) },
      seconds: { type: 'string', default: '5' },
      sockets: { type: 'string', default: '10000' },
      kafka: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  return {
    only: suites(values.only),
    rounds: positive('ROUNDS', values.rounds),
    seconds: positive('SECONDS', values.seconds),
    sockets: positive('SOCKETS', values.sockets),
    kafka: values.kafka,
    profile: values.profile,
  };
}

function suites(list: string): SuiteName[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !NAMES.includes(name as SuiteName));
  if (unknown.length > 0) throw new SetupError(`ONLY names ${unknown.join()}: it takes some of ${NAMES.join()}`);
  return NAMES.filter((name) => names.includes(name));
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new SetupError(`${name} is "${text}": set it to a whole number above 0`);
}
