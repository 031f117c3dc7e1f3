import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultDataDir, freePort, SetupError } from '@wave-connect/dev-env/machine';
import { type ManagedProcess, startProcess, untilReady } from '@wave-connect/dev-env/processes';
import { waitFor } from '@wave-connect/dev-env/waiting';

const VERSION = '2.5.0';
const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server';
const TOOLS = join(defaultDataDir, 'tools');
const BUILD_TIMEOUT_MS = 300_000;
const READY_DEADLINE_MS = 10_000;
const ANSWER_TIMEOUT_MS = 10_000;

export type Toxiproxy = ManagedProcess & {
  /**
   * Asks its HTTP API.
   * @throws where it refuses, or does not answer
   */
  ask(method: 'POST' | 'DELETE' | 'GET', path: string, body?: unknown): Promise<unknown>;
};

export async function startToxiproxy(onLine: (line: string) => void): Promise<Toxiproxy> {
  const command = await program();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const ask: Toxiproxy['ask'] = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const server = await startProcess({
    command,
    args: ['-host', '127.0.0.1', '-port', String(port)],
    env: { LOG_LEVEL: 'error' },
    cwd: TOOLS,
    onLine,
  });
  await untilReady('toxiproxy', server, (signal) =>
    waitFor('toxiproxy to answer', () => ask('GET', '/proxies').then(() => true), {
      deadlineMs: READY_DEADLINE_MS,
      signal,
    }),
  );
  return { ...server, ask };
}

/** Why there is no toxiproxy, if so. */
export async function toxiproxyUnavailable(): Promise<string | undefined> {
  return program().then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/**
 * The path of the server, which Go builds on first use.
 * @throws SetupError where it cannot
 */
async function program(): Promise<string> {
  const folder = join(TOOLS, `toxiproxy-${VERSION}`);
  const path = join(folder, 'server');
  if (existsSync(path)) return path;
  await mkdir(TOOLS, { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  try {
    await promisify(execFile)('go', ['install', `${MODULE}@v${VERSION}`], {
      cwd: unfinished,
      env: { ...process.env, GOBIN: unfinished },
      timeout: BUILD_TIMEOUT_MS,
    });
    await mkdir(folder, { recursive: true });
    await rename(join(unfinished, 'server'), path);
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    throw new SetupError(
      code === 'ENOENT' ? 'toxiproxy needs Go to be built: install it' : `toxiproxy was not built: ${stderr.trim()}`,
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return path;
}
