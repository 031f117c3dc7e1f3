import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '@wave-connect/dev-env/machine';
import { readableLine, startSystem } from '@wave-connect/dev-env/system';
import { resultPath, timeName } from '../test/support/results.ts';

/**
 * The `make load` program: k6 acts as people through the gateway, of a system of its own unless it is given the URL of
 * another, whose rate limits must then be off. Ends with k6's status, which says whether the thresholds hold.
 */
const { values } = parseArgs({
  options: {
    k6: { type: 'string', default: 'k6' },
    url: { type: 'string' },
    minutes: { type: 'string', default: '5' },
    vus: { type: 'string', default: '20' },
    'p95-ms': { type: 'string', default: '' },
  },
});
const print = (text: string) => process.stdout.write(`${text}\n`);

async function load(url: string): Promise<number> {
  const result = `${resultPath('bench', `load-${timeName()}`)}.json`;
  await mkdir(dirname(result), { recursive: true });
  const settings = {
    URL: url,
    DURATION: `${Math.round(Number(values.minutes) * 60)}s`,
    VUS: values.vus,
    P95_MS: values['p95-ms'],
    RESULT: result,
  };
  const env = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const before = loadavg()[0] ?? 0;
  const k6 = spawn(values.k6, ['run', '--quiet', '--no-usage-report', ...env, 'bench/k6/scenario.js'], {
    cwd: repositoryRoot,
    stdio: 'inherit',
  });
  const [status] = await once(k6, 'exit');
  print(`Load of the machine: ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after.`);
  print(`Written to ${relative(repositoryRoot, result)}`);
  return status ?? 1;
}

if (values.url) process.exitCode = await load(values.url);
else {
  const system = await startSystem({
    env: { LOG_LEVEL: 'warn' },
    onLine: (part, line) => process.stdout.write(readableLine(part, line) ?? ''),
  });
  try {
    process.exitCode = await load(system.url);
  } finally {
    await system.stop();
  }
}
