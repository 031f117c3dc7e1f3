import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultDataDir, SetupError } from '../machine/index.ts';
import { guardFolder, startProcess } from '../processes/index.ts';

const OLDEST_JAVA = 17;
const POM = join(import.meta.dirname, 'pom.xml');

const javaHome = process.env.JAVA_HOME;
export const java = javaHome ? join(javaHome, 'bin', 'java') : 'java';

let checked: { problem: string | undefined } | undefined;

/** Why this machine has no Java that runs Kafka, if so. Checked once: a JVM is slow even to print its version. */
export function javaProblem(): string | undefined {
  checked ??= { problem: findProblem() };
  return checked.problem;
}

function findProblem(): string | undefined {
  const { error, status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  if (error || status !== 0) return `no Java ${OLDEST_JAVA} or later: ${java} does not run`;
  const version = javaVersion(stderr);
  if (version === undefined || version < OLDEST_JAVA)
    return `Java ${OLDEST_JAVA} or later is needed, ${java} is ${version ?? 'unknown'}`;
  return undefined;
}

/** The feature number in `java -version`: 17 in `"17.0.15"`, 8 in `"1.8.0_452"`. */
export function javaVersion(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match ? Number(match[1]) : undefined;
}

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
 * The folder of the broker's jars, which Maven fetches once for each content of pom.xml.
 * Each fetch has folders of its own until it is complete, a local repository included, because processes of Maven
 * cannot share one. So fetches may run at once: the first to finish provides the jars.
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
      .find((line) => line.includes('ERROR')) ?? 'mvn printed no error';
  throw new SetupError(`Kafka's jars could not be fetched: ${reason}`);
}
