import { LATEST_EFFECT_MS, type Write } from '../../load/ledger.ts';
import { doubled, type Finding, lost, wrong } from './facts.ts';

export const describeWrite = ({ kind, marker, by, about, outcome, begun, evidence }: Write): string => {
  const what = [kind, marker, by && `by ${by}`, about && `to ${about}`].filter(Boolean).join(' ');
  return `${what}, ${outcome} at ${new Date(begun).toISOString()}${evidence ? `: ${evidence}` : ''}`;
};

/** Whether it is open if the write has happened. */
export const isOpen = ({ outcome }: Write) => outcome === 'unknown' || outcome === 'violation';

/** A write that makes something: the number of rows that it made. `mayBeGone` where they may have been deleted. */
export function checkMade(write: Write, rows: number, mayBeGone: boolean): Finding[] {
  if (rows > 1) return [doubled(`a ${write.kind} is there ${rows} times`, describeWrite(write))];
  if (write.outcome === 'acknowledged' && rows === 0 && !mayBeGone) {
    return [lost(`an acknowledged ${write.kind} is not there`, describeWrite(write))];
  }
  if (write.outcome === 'refused' && rows > 0) return [wrong(`a refused ${write.kind} is there`, describeWrite(write))];
  return [];
}

/**
 * Writes that replace one another, all by one person, in their order: whether what is `there`, by its marker, may be
 * the last of them. That is the last acknowledged one, or one that is open and may have taken effect after it.
 */
export function checkLast(writes: readonly Write[], there: string | undefined, what: string): Finding[] {
  const last = writes.findLast(({ outcome }) => outcome === 'acknowledged');
  const found = writes.find(({ marker }) => marker === there);
  if (found === last) return found || there === undefined ? [] : [wrong(`${what} was never written`, `${there}`)];
  const evidence = `there is ${found ? describeWrite(found) : (there ?? 'nothing')}; the last is ${last ? describeWrite(last) : 'none'}`;
  if (!found && there !== undefined) return [wrong(`${what} was never written`, evidence)];
  if (!found) return [lost(`${what} is not there`, evidence)];
  if (found.outcome === 'refused') return [wrong(`${what} was refused`, evidence)];
  const mayBeLast = isOpen(found) && (!last || found.begun + LATEST_EFFECT_MS > last.begun);
  return mayBeLast ? [] : [lost(`${what} is older than what was acknowledged`, evidence)];
}

/** How often each value is there: rows by the marker that they begin with, for one. */
export function countEach(values: Iterable<string | undefined>): (value: string | undefined) => number {
  const counts = new Map<string | undefined, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return (value) => counts.get(value) ?? 0;
}
