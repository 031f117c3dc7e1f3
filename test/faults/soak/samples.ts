import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What one look at one process gave, by the name of the measure; `atS` is seconds from the beginning of the load. */
export type Sample = { part: string; atS: number; values: Readonly<Record<string, number>> };

/** A process to look at; those that serve metrics name what of them counts. */
export type Watched = { part: string; pid: number; metricsUrl?: string };

const ANSWER_TIMEOUT_MS = 4_000;
const PAGE_BYTES = 4_096;

/** Our names for what services measure of themselves. */
const METRICS: Readonly<Record<string, string>> = {
  nodejs_heap_size_used_bytes: 'heap',
  nodejs_active_handles_total: 'handles',
  chat_sockets_open: 'sockets',
};

/** Memory in bytes, counts else. What a process does not have is not there. */
export async function takeSample({ part, pid, metricsUrl }: Watched, atS: number): Promise<Sample> {
  const [rss, fds, metrics] = await Promise.all([readRss(pid), countDescriptors(pid), readMetrics(metricsUrl)]);
  return { part, atS, values: { rss, fds, ...metrics } };
}

async function readRss(pid: number): Promise<number> {
  const [, resident = 0] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ').map(Number);
  return resident * PAGE_BYTES;
}

const countDescriptors = async (pid: number): Promise<number> =>
  (await readdir(join('/proc', String(pid), 'fd'))).length;

async function readMetrics(url: string | undefined): Promise<Record<string, number>> {
  if (url === undefined) return {};
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  return parseMetrics(await response.text());
}

/** The measures that we have names for, each summed over its labels. */
export function parseMetrics(text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [, metric = '', value] of text.matchAll(/^(\w+)(?:\{.*\})? (\S+)$/gm)) {
    const name = METRICS[metric];
    if (name !== undefined) found[name] = (found[name] ?? 0) + Number(value);
  }
  return found;
}
