import { withLogs } from './harness/logs.ts';
import { resultPath, runProgram, say, sayNow, writeResult } from './harness/program.ts';
import { readRunOptions } from './harness/run-options.ts';
import { formatSoak, judgeSoak } from './soak/report.ts';
import { soak } from './soak/soak.ts';

/** Looks for what grows as a system runs: memory, handles, events that wait. */
const NAME = 'soak';

await runProgram(async (signal) => {
  const options = readRunOptions(process.env, { minutes: 10, rate: 50 });
  return withLogs(resultPath(NAME), { ...options, say }, async (logs) => {
    const result = await soak({ ...options, note: sayNow, onLine: logs.line, signal });
    const report = judgeSoak(result);
    say(`\n${formatSoak(result, report)}`);
    say(`as JSON: ${await writeResult(NAME, { ...report, ...result })}`);
    return report.problems.length === 0;
  });
});
