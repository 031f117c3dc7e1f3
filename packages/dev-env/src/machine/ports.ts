import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { SetupError } from './setup-error.ts';

const LOOPBACK = '127.0.0.1';

// Below the ranges that Linux and macOS give to outgoing connections, one of which could otherwise take
// a port between the moment it is found free and the moment its owner listens on it.
const FIRST = 15_000;
const LAST = 31_999;
const ATTEMPTS = 1_000;

const handedOut = new Set<number>();

/** Ports on which nothing listens, and which this process has not been given before. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt++) {
    if (attempt === ATTEMPTS) throw new SetupError(`no free port found between ${FIRST} and ${LAST}`);
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (handedOut.has(port) || (await whyNot(port, LOOPBACK)) !== undefined) continue;
    handedOut.add(port);
    ports.push(port);
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/** @throws SetupError naming the port and the variable that chooses another */
export async function requireFreePort(port: number, variable: string, host = LOOPBACK): Promise<void> {
  const reason = await whyNot(port, host);
  if (reason === undefined) return;
  const why =
    reason === 'EADDRINUSE' ? 'is taken' : reason === 'EACCES' ? 'needs a privilege you lack' : `fails (${reason})`;
  throw new SetupError(`port ${port} ${why}: free it, or set ${variable} to another one`);
}

async function whyNot(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  try {
    await listen(server, port, host);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    server.close();
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}
