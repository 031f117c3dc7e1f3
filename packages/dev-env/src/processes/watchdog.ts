import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { commandLine } from './process-table.ts';

const SCRIPT = join(import.meta.dirname, 'watchdog.sh');

let watchdog: ChildProcess | undefined;

/**
 * Has the watchdog end `pid`, should this process die without doing so itself, be it by `kill -9`.
 * The watchdog is a shell script that waits for the end of its standard input: no polling, nothing but POSIX.
 * @returns a function to call once the process has ended
 */
export function guardProcess(pid: number, signal: NodeJS.Signals): () => void {
  return guard(`process ${pid}:${signal.replace('SIG', '')}`);
}

/** Has a temporary folder removed in the same way. */
export function guardFolder(path: string): () => void {
  return guard(`folder ${path}`);
}

/** Has a mounted file system taken away in the same way, before any folder. */
export function guardMount(path: string): () => void {
  return guard(`mount ${path}`);
}

/** Has the watchdog send SIGKILL at once, without another signal first, when this process ends. */
export function hurryWatchdog(): void {
  tell('hurry');
}

function guard(entry: string): () => void {
  tell(entry);
  return () => tell(`forget ${entry}`);
}

function tell(line: string): void {
  watchdog ??= startWatchdog();
  watchdog.stdin?.write(`${line}\n`);
}

/** Its process id, by which the next owner can wait until it has ended what this one left. */
export function watchdogPid(): number {
  watchdog ??= startWatchdog();
  return watchdog.pid ?? 0;
}

export const isWatchdog = (pid: number): boolean => pid > 0 && commandLine(pid).includes(SCRIPT);

function startWatchdog(): ChildProcess {
  const child = spawn('sh', [SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  (child.stdin as Writable & { unref(): void }).unref();
  return child;
}
