import { median } from '../../test/support/statistics.ts';
import type { SuiteName } from './options.ts';
import type { Stage } from './stage/stage.ts';
import type { Tools } from './tools.ts';

/** What one contender did in one round. */
export type Sample = {
  /** Per second of what the row counts, or the count itself where the row says so. */
  rate: number;
  p50Ms?: number;
  p99Ms?: number;
  errors: number;
  /** What the first of the errors was. */
  error?: string;
  /** What else the row looks at, by its name with its unit. */
  figures?: Record<string, number>;
};

export type Contender = {
  name: string;
  /** Puts it under load for about so long. */
  measure(seconds: number): Promise<Sample>;
  /** Resolves once nothing of its load is left that would slow down who comes next. */
  settle?(): Promise<void>;
};

/** What was measured of a contender, a sample a round. */
export type Measured = { name: string; samples: Sample[] };

type Verdict = { target: string; measured: string; met: boolean };

/** Undefined where what it compares with was left out. */
export type Target = (ours: Measured, others: Measured[]) => Verdict | undefined;

/** One thing to be compared: ours first, then everyone who does the same. */
export type Row = {
  title: string;
  unit: string;
  ours: Contender;
  others: Contender[];
  targets: Target[];
  /** For what is opened once and held. */
  once?: boolean;
};

export type RowResult = {
  title: string;
  unit: string;
  ours: Measured;
  others: Measured[];
  verdicts: Verdict[];
};

export const contendersOf = ({ ours, others }: RowResult): Measured[] => [ours, ...others];

export type SuiteOptions = { tools: Tools; sockets: number; kafka: boolean };

/** Sets up what some rows need, and says what they compare. */
export type Suite = { name: SuiteName; prepare(stage: Stage, options: SuiteOptions): Promise<Row[]> };

/** Medians of the rounds in which all of them have a value. */
export const medianOf = <Item>(items: Item[], read: (item: Item) => number | undefined): number | undefined => {
  const values = items.map(read).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
};

/** How many times as fast one was as the other: the median over rounds, so that what slows both does not count. */
export const ratio = (ours: { rate: number }[], theirs: { rate: number }[]): number =>
  median(ours.map(({ rate }, round) => rate / (theirs[round]?.rate ?? Number.NaN)));
