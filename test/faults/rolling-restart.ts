import { withLogs } from './harness/logs.ts';
import { installPrerequisites } from './harness/prerequisites.ts';
import { resultPath, runProgram, say, sayNow, writeResult } from './harness/program.ts';
import { readRunOptions } from './harness/run-options.ts';
import { formatRestart, judgeRestart } from './restart/report.ts';
import { restartInTurn } from './restart/restart-in-turn.ts';

/** Restarts every replica of every service, one after the other, under a steady load that must not notice. */
const NAME = 'rolling-restart';

await runProgram(async (signal) => {
  const options = readRunOptions(process.env, { rate: 200 });
  await installPrerequisites(say);
  return withLogs(resultPath(NAME), { ...options, say }, async (logs) => {
    const restart = await restartInTurn({ ...options, note: sayNow, onLine: logs.line, signal });
    const problems = judgeRestart(restart);
    say(`\n${formatRestart(restart, problems)}`);
    say(`as JSON: ${await writeResult(NAME, { ...restart, problems })}`);
    return problems.length === 0;
  });
});
