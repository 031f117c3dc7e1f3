import type { Contender, Measured, Row, RowResult } from './measurement.ts';

export type RoundOptions = { rounds: number; seconds: number; say: (line: string) => void };

/**
 * Measures all contenders of a row in turn, round after round, so that each of them meets the machine in the same
 * moods. A round before the first warms up and does not count.
 */
export async function runRow(row: Row, { rounds, seconds, say }: RoundOptions): Promise<RowResult> {
  const contenders = [row.ours, ...row.others];
  const measured: Measured[] = contenders.map(({ name }) => ({ name, samples: [] }));
  const counted = row.once ? 1 : rounds;

  if (!row.once) {
    say(`${row.title}: warming up`);
    for (const contender of contenders) await take(contender, seconds);
  }
  for (let round = 1; round <= counted; round++) {
    say(`${row.title}: round ${round} of ${counted}`);
    for (const [at, contender] of contenders.entries()) {
      measured[at]?.samples.push(await take(contender, seconds));
    }
  }

  const [ours = { name: row.ours.name, samples: [] }, ...others] = measured;
  const verdicts = row.targets.map((target) => target(ours, others)).filter((verdict) => verdict !== undefined);
  return { title: row.title, unit: row.unit, ours, others, verdicts };
}

async function take(contender: Contender, seconds: number) {
  const sample = await contender.measure(seconds);
  await contender.settle?.();
  return sample;
}
