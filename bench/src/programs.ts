import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort, repositoryRoot } from '@wave-connect/dev-env/machine';
import { StartError, startProcess, untilReady } from '@wave-connect/dev-env/processes';
import type { Env } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';

export type Server = { url: string; pid: number; stop(): Promise<void> };

const READY_DEADLINE_MS = 10_000;

/**
 * Runs a program to its end.
 * @returns what it wrote
 * @throws StartError where it fails
 */
export async function runProgram(
  command: string,
  args: string[],
  env: Env = {},
  onLine?: (line: string) => void,
): Promise<string> {
  const program = await startProcess({ command, args, env: { ...process.env, ...env }, cwd: repositoryRoot, onLine });
  const exit = await program.exited;
  if (exit.code !== 0) throw new StartError(command, exit, program.output());
  return program.output();
}

/** Starts a program that listens on the port of its variable PORT, and waits until it does. */
export async function startServer(command: string, args: string[], env: Env): Promise<Server> {
  const port = await freePort();
  return startListening(port, command, args, { ...env, PORT: String(port) });
}

/** The same for one that has been told its port otherwise. */
export async function startListening(port: number, command: string, args: string[], env: Env = {}): Promise<Server> {
  const program = await startProcess({ command, args, env: { ...process.env, ...env }, cwd: repositoryRoot });
  await untilReady(command, program, (signal) =>
    waitFor(`${command} to listen`, () => listens(port), { deadlineMs: READY_DEADLINE_MS, signal }),
  );
  return { url: `http://127.0.0.1:${port}`, pid: program.pid, stop: () => program.stop() };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  return true;
}
