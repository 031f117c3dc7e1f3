import { contendersOf, type RowResult } from './measurement.ts';
import { type RoundOptions, runRow } from './rounds.ts';
import { onStage } from './stage/stage.ts';
import type { Suite, SuiteOptions } from './suite.ts';

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
