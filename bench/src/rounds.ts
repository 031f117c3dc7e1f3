import {
  type Contender,
  contendersOf,
  type Measured,
  type Row,
  type RowResult,
  type Suite,
  type SuiteOptions,
} from './measurement.ts';
import { onStage } from './stage/stage.ts';

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

export type Failure = { suite: string; message: string };

/** Runs suites one after the other, each on a stage of its own. One that fails does not keep the next from running. */
export async function runSuites(
  suites: Suite[],
  options: SuiteOptions & RoundOptions & { profiles: string | undefined },
): Promise<{ rows: RowResult[]; failures: Failure[] }> {
  const rows: RowResult[] = [];
  const failures: Failure[] = [];
  for (const suite of suites) {
    try {
      await onStage(options.profiles, async (stage) => {
        for (const row of await suite.prepare(stage, options)) rows.push(await runRow(row, options));
      });
    } catch (error) {
      failures.push({ suite: suite.name, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return { rows, failures: [...failures, ...rows.flatMap(errorsOf)] };
}

const errorsOf = (row: RowResult): Failure[] =>
  contendersOf(row).flatMap(({ name, samples }) => {
    const errors = samples.reduce((sum, sample) => sum + sample.errors, 0);
    return errors === 0 ? [] : [{ suite: row.title, message: `${name} had ${errors} errors` }];
  });
