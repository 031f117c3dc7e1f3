import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultDataDir, freePort, SetupError } from '@wave-connect/dev-env/machine';
import { type ManagedProcess, startProcess, untilReady } from '@wave-connect/dev-env/processes';
import { DATA_SERVICES, type DataServiceName } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { run } from '../../support/command.ts';
import type { Layout } from './layout.ts';

/** A way between two parts that can be hurt. */
export type Link = {
  /** 'auth → postgres', 'gateway → chat', 'feed → kafka'. */
  readonly name: string;
  /** Each response comes later by so many ms. */
  slow(latencyMs: number, jitterMs: number): Promise<void>;
  /** Breaks open connections and refuses new ones. */
  cut(): Promise<void>;
  /** Bytes vanish both ways, connections stay open; they break at `heal`, for their streams have holes. */
  hang(): Promise<void>;
  heal(): Promise<void>;
};

/** Between the gateway and each service, and between each service and its Postgres and Kafka. */
export function createLinks(
  toxiproxy: Toxiproxy,
  layout: Layout,
  postgresPort: (name: DataServiceName) => number,
): Promise<Link[]> {
  const links = DATA_SERVICES.flatMap((name) => [
    { name: `gateway → ${name}`, port: layout.serviceLink[name], upstreamPort: layout.balancer[name] },
    { name: `${name} → postgres`, port: layout.postgresLink[name], upstreamPort: postgresPort(name) },
    { name: `${name} → kafka`, port: layout.kafkaLink[name], upstreamPort: layout.kafkaListener[name] },
  ]);
  return Promise.all(links.map((link) => createLink(toxiproxy, link)));
}

const DIRECTIONS = ['upstream', 'downstream'] as const;

/** A way from `port` to `upstreamPort`, both on loopback. */
export async function createLink(
  toxiproxy: Toxiproxy,
  { name, port, upstreamPort }: { name: string; port: number; upstreamPort: number },
): Promise<Link> {
  const id = name.replace(' → ', '-to-');
  const path = `/proxies/${id}`;
  const enable = async (enabled: boolean) => void (await toxiproxy.ask('POST', path, { enabled }));
  const add = async (stream: (typeof DIRECTIONS)[number], type: string, attributes: object) => {
    await toxiproxy.ask('POST', `${path}/toxics`, { name: `${type}-${stream}`, type, stream, attributes });
  };
  const [listen, upstream] = [`127.0.0.1:${port}`, `127.0.0.1:${upstreamPort}`];
  await toxiproxy.ask('POST', '/proxies', { name: id, listen, upstream, enabled: true });
  return {
    name,
    slow: (latency, jitter) => add('downstream', 'latency', { latency, jitter }),
    cut: () => enable(false),
    async hang() {
      for (const stream of DIRECTIONS) await add(stream, 'timeout', { timeout: 0 });
    },
    async heal() {
      const { toxics } = (await toxiproxy.ask('GET', path)) as { toxics: { name: string }[] };
      for (const toxic of toxics) await toxiproxy.ask('DELETE', `${path}/toxics/${toxic.name}`);
      await enable(true);
    },
  };
}

const VERSION = '2.5.0';
const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server';
const TOOLS = join(defaultDataDir, 'tools');
const BUILD_TIMEOUT_MS = 300_000;
const READY_DEADLINE_MS = 10_000;
const RESPONSE_TIMEOUT_MS = 10_000;

export type Toxiproxy = ManagedProcess & {
  /**
   * Asks its HTTP API.
   * @throws where it refuses, or does not respond
   */
  ask(method: 'POST' | 'DELETE' | 'GET', path: string, body?: object): Promise<unknown>;
};

export async function startToxiproxy(onLine: (line: string) => void): Promise<Toxiproxy> {
  const command = await toxiproxyProgram();
  const port = await freePort();
  const ask: Toxiproxy['ask'] = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const args = ['-host', '127.0.0.1', '-port', String(port)];
  const server = await startProcess({ command, args, env: { LOG_LEVEL: 'error' }, cwd: TOOLS, onLine });
  const responds = () => ask('GET', '/proxies').then(() => true);
  await untilReady('toxiproxy', server, (signal) =>
    waitFor('toxiproxy to respond', responds, { deadlineMs: READY_DEADLINE_MS, signal }),
  );
  return { ...server, ask };
}

/** Why there is no toxiproxy, if so. */
export const toxiproxyUnavailable = (): Promise<string | undefined> =>
  toxiproxyProgram().then(
    () => undefined,
    (error: Error) => error.message,
  );

/**
 * The path of the server, which Go builds on first use.
 * @throws SetupError where it cannot
 */
async function toxiproxyProgram(): Promise<string> {
  const folder = join(TOOLS, `toxiproxy-${VERSION}`);
  const path = join(folder, 'server');
  if (existsSync(path)) return path;
  await mkdir(TOOLS, { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  try {
    const options = { env: { GOBIN: unfinished }, timeoutMs: BUILD_TIMEOUT_MS };
    await run('go', ['install', `${MODULE}@v${VERSION}`], options);
    await mkdir(folder, { recursive: true });
    await rename(join(unfinished, 'server'), path);
  } catch (error) {
    const { message, cause } = error as Error;
    const isMissing = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    throw new SetupError(
      isMissing ? 'toxiproxy needs Go to be built: install it' : `toxiproxy was not built: ${message}`,
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return path;
}
