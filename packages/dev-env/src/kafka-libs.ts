import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { javaProblem } from './java.ts';
import { startProcess } from './managed-process.ts';
import { defaultDataDir } from './repository.ts';
import { SetupError } from './setup-error.ts';
import { guardFolder } from './watchdog.ts';

const POM = join(import.meta.dirname, '..', 'kafka', 'pom.xml');

export const defaultLibDir = (): string => process.env.WAVE_KAFKA_LIB || join(defaultDataDir, 'kafka-lib');

/** Why no broker can run on this machine, if so: for tests, which must say what they leave out. */
export function kafkaUnavailable(libDir = defaultLibDir()): string | undefined {
  const problem = javaProblem();
  if (problem !== undefined) return problem;
  if (existsSync(jarsIn(libDir))) return undefined;
  return spawnSync('mvn', ['-version'], { stdio: 'ignore' }).status === 0 ? undefined : 'no Maven: mvn does not run';
}

type FetchOptions = { libDir?: string; log?: (line: string) => void; signal?: AbortSignal | undefined };

/**
 * The folder of the broker's jars, which Maven fetches once for each content of kafka/pom.xml.
 * Each fetch has folders of its own until it is complete, a local repository included, for Maven does not share
 * one between processes; so any number may run at once, and the first to finish is the one that counts.
 */
export async function kafkaJars({ libDir = defaultLibDir(), log, signal }: FetchOptions): Promise<string> {
  const jars = jarsIn(libDir);
  if (existsSync(jars)) return jars;

  log?.('fetching its jars with Maven, once');
  await mkdir(libDir, { recursive: true });
  const unfinished = await mkdtemp(join(libDir, 'fetching-'));
  const forget = guardFolder(unfinished);
  try {
    const fetched = join(unfinished, 'jars');
    await fetchTo(fetched, join(unfinished, 'repository'), unfinished, signal);
    await rename(fetched, jars).catch((error) => {
      if (!existsSync(jars)) throw error;
    });
    return jars;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    forget();
  }
}

function jarsIn(libDir: string): string {
  const version = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  return join(libDir, version);
}

async function fetchTo(folder: string, repository: string, cwd: string, signal?: AbortSignal): Promise<void> {
  const maven = await startProcess({
    command: 'mvn',
    args: [
      '--quiet',
      '--batch-mode',
      `--file=${POM}`,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${folder}`,
      `-Dmaven.repo.local=${repository}`,
      '-DincludeScope=runtime',
    ],
    env: process.env,
    cwd,
  });
  const abort = () => maven.kill();
  signal?.addEventListener('abort', abort);
  const { code } = await maven.exited;
  signal?.removeEventListener('abort', abort);
  signal?.throwIfAborted();
  if (code === 0) return;
  const reason =
    maven
      .output()
      .split('\n')
      .find((line) => line.includes('ERROR')) ?? 'mvn says nothing';
  throw new SetupError(`Kafka's jars could not be fetched: ${reason}`);
}
