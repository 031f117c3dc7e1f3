import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const OLDEST = 17;

const home = process.env.JAVA_HOME;
export const java = home ? join(home, 'bin', 'java') : 'java';

let answer: { problem: string | undefined } | undefined;

/** Why there is no Java that runs Kafka, if so. Asked once: a JVM takes its time even to say its version. */
export function javaProblem(): string | undefined {
  answer ??= { problem: findProblem() };
  return answer.problem;
}

function findProblem(): string | undefined {
  const { error, status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  if (error || status !== 0) return `no Java ${OLDEST} or later: ${java} does not run`;
  const version = javaVersion(stderr);
  if (version === undefined || version < OLDEST)
    return `Java ${OLDEST} or later is needed, ${java} is ${version ?? 'unknown'}`;
  return undefined;
}

/** The feature number in `java -version`: 17 in `"17.0.15"`, 8 in `"1.8.0_452"`. */
export function javaVersion(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match ? Number(match[1]) : undefined;
}
