import { join } from 'node:path';
import { repositoryRoot } from '@wave-connect/dev-env/machine';
import type { Contender, Sample } from './measurement.ts';
import { runProgram } from './programs.ts';

export type Load = {
  url: string;
  connections: number;
  seconds: number;
  headers?: Record<string, string>;
  /** Each request is a POST of so many bytes. */
  bodyBytes?: number;
  /** Each request is a POST of the next JSON body in that file, one a line. */
  bodiesFile?: string;
};

type Report = { requests: number; seconds: number; p50Ms: number; p99Ms: number } & Record<Kind, number>;
type Kind = (typeof KINDS)[number];

const KINDS = ['connect', 'read', 'write', 'status', 'timeout'] as const;
const SCRIPT = join(repositoryRoot, 'bench', 'wrk', 'report.lua');
const THREADS = 2;
const TIMEOUT_S = 5;

/** Sends as many requests as the connections allow, each the next once the last has its response. */
export async function runWrk(wrk: string, load: Load): Promise<Sample> {
  const headers = Object.entries(load.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const limits = [`-t${THREADS}`, `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', `${TIMEOUT_S}s`];
  const output = await runProgram(wrk, [...limits, '-s', SCRIPT, ...headers, load.url], {
    BODY_BYTES: load.bodyBytes === undefined ? undefined : String(load.bodyBytes),
    BODIES_FILE: load.bodiesFile,
  });
  return toSample(output);
}

/** Reads the line that the script prints, the last of wrk's output. */
export function toSample(output: string): Sample {
  const report = JSON.parse(output.slice(output.lastIndexOf('\n{') + 1)) as Report;
  const failed = KINDS.filter((kind) => report[kind] > 0);
  const errors = failed.reduce((sum, kind) => sum + report[kind], 0);
  return {
    rate: (report.requests - report.status) / report.seconds,
    p50Ms: report.p50Ms,
    p99Ms: report.p99Ms,
    errors: errors + (report.requests === 0 ? 1 : 0),
    ...(failed.length > 0 && { error: failed.map((kind) => `${kind} ${report[kind]}`).join(', ') }),
    ...(report.requests === 0 && { error: 'there was no response' }),
  };
}

type Requests = Omit<Load, 'url' | 'seconds'>;

/** A server at `url`, under the load of wrk. */
export const underRequests =
  (wrk: string, load: Requests) =>
  (name: string, url: string): Contender => ({
    name,
    measure: (seconds) => runWrk(wrk, { ...load, url, seconds }),
  });

/**
 * Asks once before anything is measured.
 * @throws Error where the response is not of that status and, where given, that length in bytes
 */
export async function expectResponse(
  url: string,
  request: RequestInit,
  expected: { status: number; bytes?: number },
): Promise<string> {
  const response = await fetch(url, request);
  const text = await response.text();
  const bytes = Buffer.byteLength(text);
  if (response.status !== expected.status || (expected.bytes ?? bytes) !== bytes) {
    throw new Error(`${request.method ?? 'GET'} ${url}: ${response.status} with ${bytes} bytes: ${text.slice(0, 200)}`);
  }
  return text;
}
