import type { Measured, Target } from './measurement.ts';
import { medianOf, ratio } from './measurement.ts';

const STEADY = 1.25;

/** At least so many times as fast as the other. */
export const atLeast =
  (times: number, name: string): Target =>
  (ours, others) => {
    const other = others.find((each) => each.name === name);
    if (!other) return undefined;
    const measured = ratio(ours.samples, other.samples);
    return { target: `≥ ${times.toFixed(1)} × ${name}`, measured: `${measured.toFixed(2)} ×`, met: measured >= times };
  };

/** The slowest requests take no longer than the other's. */
export const p99NoWorseThan =
  (name: string): Target =>
  (ours, others) => {
    const other = others.find((each) => each.name === name);
    if (!other) return undefined;
    const [own = Number.NaN, theirs = Number.NaN] = [p99Of(ours), p99Of(other)];
    return {
      target: `p99 ≤ ${name}`,
      measured: `${own.toFixed(1)} against ${theirs.toFixed(1)} ms`,
      met: own <= theirs,
    };
  };

export const figureBelow =
  (figure: string, limit: number): Target =>
  (ours) => {
    const measured = medianOf(ours.samples, ({ figures }) => figures?.[figure]) ?? Number.NaN;
    return { target: `${figure} < ${limit}`, measured: measured.toFixed(1), met: measured < limit };
  };

/** Does not grow from round to round by more than memory that waits to be collected. */
export const figureSteady =
  (figure: string): Target =>
  ({ samples }) => {
    const values = samples.map(({ figures }) => figures?.[figure] ?? Number.NaN);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return {
      target: `${figure} within ×${STEADY} over the rounds`,
      measured: `${least.toFixed(0)}–${most.toFixed(0)}`,
      met: most <= least * STEADY,
    };
  };

export const held =
  (count: number): Target =>
  (ours) => {
    const least = Math.min(...ours.samples.map(({ rate }) => rate));
    return { target: `${count.toLocaleString('en')} held`, measured: least.toLocaleString('en'), met: least >= count };
  };

const p99Of = ({ samples }: Measured) => medianOf(samples, ({ p99Ms }) => p99Ms);
