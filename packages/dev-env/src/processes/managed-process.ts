import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { family } from './process-table.ts';
import { guardProcess } from './watchdog.ts';

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type ManagedProcess = {
  readonly pid: number;
  /** Resolves when the process has ended and all that it wrote has been read. */
  readonly exited: Promise<Exit>;
  /** The last lines that it wrote. */
  output(): string;
  /** Asks it to end, and kills it when it does not within its deadline. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** `kill -9` for it and all below it. */
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Lets this process end while that one still runs; the watchdog then ends it. */
  unref(): void;
};

export type ProcessOptions = {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  user?: { uid: number; gid: number } | undefined;
  stopSignal?: NodeJS.Signals;
  stopDeadlineMs?: number;
  onLine?: ((line: string) => void) | undefined;
};

const KEPT_LINES = 200;

/**
 * Starts a process in a session of its own, so that Ctrl-C in a terminal reaches it through its owner alone,
 * and has the watchdog guard it, so that it never outlives its owner.
 */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  const { stopSignal = 'SIGTERM', stopDeadlineMs = 10_000 } = options;
  const child = spawn(options.command, options.args, {
    env: options.env,
    cwd: options.cwd,
    ...options.user,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const forget = child.pid === undefined ? undefined : guardProcess(child.pid, stopSignal);
  child.on('error', () => {});
  const lines = collectLines(child, options.onLine);
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      forget?.();
      resolve({ code, signal });
    });
  });
  await once(child, 'spawn');

  const pid = child.pid as number;
  const running = () => child.exitCode === null && child.signalCode === null;
  const signalFamily = (signal: NodeJS.Signals) => {
    if (running()) for (const member of family(pid)) send(member, signal);
  };
  const kill = async () => {
    signalFamily('SIGKILL');
    await exited;
  };
  return {
    pid,
    exited,
    output: () => lines.join('\n'),
    kill,
    pause: () => signalFamily('SIGSTOP'),
    resume: () => signalFamily('SIGCONT'),
    async stop(signal = stopSignal) {
      if (running()) child.kill(signal);
      signalFamily('SIGCONT');
      const deadline = new AbortController();
      const late = sleep(stopDeadlineMs, 'late', { signal: deadline.signal }).catch(() => 'ended');
      if ((await Promise.race([exited, late])) === 'late') await kill();
      deadline.abort();
    },
    unref() {
      child.unref();
      for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
    },
  };
}

export const describeExit = ({ code, signal }: Exit): string =>
  signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;

export const lastLines = (output: string, count: number): string => output.split('\n').slice(-count).join('\n');

function collectLines(child: ChildProcess, onLine: ((line: string) => void) | undefined): string[] {
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    if (!input) continue;
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line);
    });
  }
  return lines;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended meanwhile
  }
}
