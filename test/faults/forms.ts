import type { Fault } from './catalog/catalog.ts';
import type { ScheduleOptions } from './schedule.ts';

/** How much a run does; times in ms where they do not say otherwise. */
export type Form = {
  /** Any when not given. */
  seed?: number;
  minutes: number;
  mostMs: number;
  load: { actors: number; rate: number };
  schedule: Omit<ScheduleOptions, 'seed'>;
  isPartOf(fault: Pick<Fault, 'name'>): boolean;
};

const MINUTE_MS = 60_000;

export const USUAL: Form = {
  minutes: 10,
  // With what comes before and after, a run is over within 20 minutes.
  mostMs: 15 * MINUTE_MS,
  load: { actors: 32, rate: 24 },
  schedule: { hold: { minMs: 2_000, maxMs: 8_000 }, overlap: 0.3 },
  isPartOf: () => true,
};

/** A kind of each, for every change. */
export const SHORT_FAULTS: readonly string[] = [
  'kill -9 of a replica of gateway',
  'kill -9 of a replica of auth',
  'kill -9 of a replica of chat',
  'kill -9 of a replica of feed',
  'kill -9 of a replica of profile',
  'Kafka killed',
  'the Postgres of chat killed',
  'a cut link',
  'events delivered again, out of order',
  'poison events',
];

export const SHORT: Form = {
  seed: 1,
  minutes: 0,
  mostMs: 3 * MINUTE_MS,
  load: { actors: 16, rate: 24 },
  schedule: { hold: { minMs: 500, maxMs: 1_500 }, overlap: 1 },
  isPartOf: ({ name }) => SHORT_FAULTS.includes(name),
};
