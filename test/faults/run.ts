import { runFaults } from './fault-run.ts';
import { SHORT, USUAL } from './forms.ts';
import { withLogs } from './harness/logs.ts';
import { installPrerequisites } from './harness/prerequisites.ts';
import { resultPath, runProgram, say, sayNow, writeResult } from './harness/program.ts';
import { readRunOptions } from './harness/run-options.ts';
import { formatReport } from './report-text.ts';

/**
 * Hurts a whole system under load in every way of the catalog, and holds what has become of it against what people
 * were promised. With `short` as its argument, a handful of faults, always the same ones.
 */
const form = process.argv[2] === 'short' ? SHORT : USUAL;

await runProgram(async (signal) => {
  const options = readRunOptions(process.env, form);
  const name = String(options.seed);
  say(`seed ${name}: SEED=${name} replays the schedule and the choices of this run`);
  await installPrerequisites(say);
  return withLogs(resultPath(name), { ...options, say }, async (logs) => {
    const note = (line: string) => {
      sayNow(line);
      logs.line('run', `${new Date().toISOString()} ${line}`);
    };
    const report = await runFaults({ ...options, form, note, onLine: logs.line, signal });
    say(`\n${formatReport(report)}`);
    say(`as JSON: ${await writeResult(name, report)}`);
    return report.problems.length === 0;
  });
});
