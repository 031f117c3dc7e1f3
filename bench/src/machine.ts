import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { repositoryRoot } from '@wave-connect/dev-env/machine';
import type { Tools } from './tools.ts';

const GiB = 1_024 ** 3;

export type Machine = Record<string, string | number>;

/** What figures depend on, besides the code. */
export const describeMachine = (tools: Tools): Machine => ({
  commit: output('git', ['-C', repositoryRoot, 'describe', '--always', '--dirty']),
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGiB: Math.round(totalmem() / GiB),
  kernel: release(),
  loadBefore: loadavg()[0] ?? 0,
  workers: process.env.WORKERS ?? 'not set',
  node: process.versions.node,
  go: output('go', ['env', 'GOVERSION']),
  wrk: /wrk \S+/.exec(output(tools.wrk, ['-v']))?.[0] ?? 'unknown',
  nginx: tools.nginx === undefined ? 'left out' : output(tools.nginx, ['-v']),
});

/** Programs say their version on either stream, and with any status. */
function output(command: string, args: string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return `${stdout ?? ''}${stderr ?? ''}`.trim() || 'unknown';
}
