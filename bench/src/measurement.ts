/** What one contender did in one round. */
export type Sample = {
  /** Per second of what the row counts, or the count itself where the row says so. */
  rate: number;
  p50Ms?: number;
  p99Ms?: number;
  errors: number;
  /** What the first of the errors was. */
  error?: string;
  /** Whatever else the row looks at, by its name with its unit. */
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
