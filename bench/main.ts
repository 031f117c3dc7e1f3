import { relative } from 'node:path';
import { repositoryRoot, SetupError } from '@wave-connect/dev-env/machine';
import { resultPath, timeName, writeResult } from '../test/support/results.ts';
import { describeMachine } from './src/machine.ts';
import { ENOUGH_ROUNDS, type Options, readOptions } from './src/options.ts';
import { runSuites } from './src/rounds.ts';
import { SUITES } from './src/suites.ts';
import { table } from './src/table.ts';
import { findTools } from './src/tools.ts';

/** The `make bench` program. Ends with status 1 where something could not be measured or had errors. */
const say = (line: string) => process.stderr.write(`${line}\n`);
const print = (text: string) => process.stdout.write(`${text}\n`);

async function bench(options: Options): Promise<boolean> {
  const tools = findTools();
  if ('missing' in tools) {
    print(`LEFT OUT: all rows, for there is no ${tools.missing.join(' and no ')}`);
    return true;
  }
  if (!tools.nginx) print('LEFT OUT: nginx, for there is none');

  const began = new Date();
  const machine = describeMachine(tools);
  const suites = SUITES.filter(({ name }) => options.only.includes(name));
  const results = resultPath('bench', timeName());
  const profiles = options.profile ? `${results}-profiles` : undefined;
  const { rows, failures } = await runSuites(suites, { ...options, tools, profiles, say });

  print(`\n${table(rows)}\n`);
  for (const { suite, message } of failures) print(`FAILED: ${suite}: ${message}`);
  if (options.rounds < ENOUGH_ROUNDS)
    print(`Fewer than ${ENOUGH_ROUNDS} rounds: this shows that it works, not how fast.`);
  if (profiles) print(`Profiles, for bench/profile.ts: ${relative(repositoryRoot, profiles)}`);
  print(`Written to ${await writeResult(results, { began, machine, options, rows, failures })}`);
  return failures.length === 0;
}

try {
  if (!(await bench(readOptions(process.argv.slice(2))))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.exitCode = 1;
  say(error.message);
}
