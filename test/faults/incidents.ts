import type { Recovery } from './recovery.ts';
import type { Turn } from './schedule.ts';

type Injected = { what: string; heal(): Promise<void> };

/** A fault as it was brought about; times are milliseconds since the epoch. */
export type Incident = {
  fault: string;
  /** 'kill -9 auth[1]'. */
  what: string;
  begun: number;
  healed: number;
  /** From the heal to the first canary that is through, in ms; undefined where none was in time. */
  recoveryMs: number | undefined;
  lastFailure?: string | undefined;
};

/** A fault that could not be brought about this time. */
export type Miss = { fault: string; why: string };

export type SlotResult = { incidents: readonly Incident[]; misses: readonly Miss[] };

export type SlotOptions<F> = {
  inject(turn: Turn<F>): Promise<Injected>;
  hold(ms: number): Promise<void>;
  recover(): Promise<Recovery>;
  /** Hears each step as it comes, for whoever watches. */
  onStep?: (step: string) => void;
};

/** Brings the faults of a slot about one after the other, heals them, and waits until the system is whole again. */
export async function carryOut<F extends { name: string }>(
  turns: readonly Turn<F>[],
  { inject, hold, recover, onStep = () => {} }: SlotOptions<F>,
): Promise<SlotResult> {
  const misses: Miss[] = [];
  const open: { turn: Turn<F>; begun: number; injected: Injected }[] = [];
  try {
    for (const turn of turns) {
      const begun = Date.now();
      try {
        open.push({ turn, begun, injected: await inject(turn) });
      } catch (error) {
        misses.push({ fault: turn.fault.name, why: (error as Error).message });
        continue;
      }
      onStep(open.at(-1)?.injected.what ?? '');
      await hold(turn.holdMs);
    }
  } finally {
    for (const { injected } of open.toReversed()) await injected.heal();
  }
  const healed = Date.now();
  const { ms, lastFailure } = await recover();
  return {
    misses,
    incidents: open.map(({ turn, begun, injected }) => ({
      fault: turn.fault.name,
      what: injected.what,
      begun,
      healed,
      recoveryMs: ms,
      lastFailure,
    })),
  };
}
