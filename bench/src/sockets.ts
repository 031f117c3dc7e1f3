import { join } from 'node:path';
import type { Sample } from './measurement.ts';
import { runProgram } from './programs.ts';
import { JWT_SECRET } from './stage/token.ts';

const PATH = '/api/chat/ws';

type Talked = { sockets: number; messages: number; rate: number; p50_ms: number; p99_ms: number } & Failed;
type Held = { sockets: number; pings: number } & Failed;
type Failed = { errors: number; error?: string };

type Load = { url: string; sockets: number; seconds: number };

/** People who write to each other two by two, through the WebSockets at `url`. */
export async function talk(programs: string, load: Load): Promise<Sample> {
  const lines = await run(programs, 'chat', load);
  const { sockets, rate, p50_ms, p99_ms, ...talked } = lines.at(-1) as Talked;
  return { rate, p50Ms: p50_ms, p99Ms: p99_ms, figures: { messages: talked.messages }, ...failure(talked) };
}

/** Holds sockets open; `opened` is called once all of them are. */
export async function hold(programs: string, load: Load, opened: () => void): Promise<Held> {
  const lines = await run(programs, 'idle', load, opened);
  return lines.at(-1) as Held;
}

export const failure = ({ errors, error }: Failed): Pick<Sample, 'errors' | 'error'> => ({
  errors,
  ...(error !== undefined && { error }),
});

async function run(programs: string, mode: string, load: Load, onFirst?: () => void): Promise<unknown[]> {
  const url = new URL(PATH, load.url.replace(/^http/, 'ws')).href;
  const args = ['-mode', mode, '-url', url, '-sockets', String(load.sockets), '-for', `${load.seconds}s`];
  let lines = 0;
  const output = await runProgram(join(programs, 'sockets'), args, { JWT_SECRET }, () => {
    lines += 1;
    if (lines === 1) onFirst?.();
  });
  return output.split('\n').map((line) => JSON.parse(line));
}
