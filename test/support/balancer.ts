import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOk } from '@wave-connect/dev-env/waiting';

const PROBE_EVERY_MS = 250;
const PROBE_TIMEOUT_MS = 1_000;
/** Probes in a row without a response that leave a backend as it was. One that refuses is not ready at once. */
const SILENCE_ALLOWED = 2;

/** Somewhere that connections may go; `url` is that of an HTTP server with `/readyz`. */
export type Backend = { name: string; url: string };

export type Balancer = { stop(): Promise<void> };

/**
 * What kube-proxy is to a cluster: each new connection goes to the next backend that is ready, and none is moved
 * once it is made. It neither tries a second backend nor hides how a connection ends. With none ready a
 * connection is reset.
 */
export async function startBalancer(
  port: number,
  backends: readonly Backend[],
  onLine: (line: string) => void = () => {},
): Promise<Balancer> {
  const stopping = new AbortController();
  const open = new Set<Socket>();
  const ready = new Set<Backend>();
  let turn = 0;

  const next = (): Backend | undefined => {
    for (let tried = 0; tried < backends.length; tried += 1) {
      turn = (turn + 1) % backends.length;
      const backend = backends[turn] as Backend;
      if (ready.has(backend)) return backend;
    }
    return undefined;
  };

  function note(backend: Backend, isReady: boolean): void {
    if (isReady === ready.has(backend)) return;
    onLine(`${backend.name} is ${isReady ? 'ready' : 'not ready'}`);
    if (isReady) ready.add(backend);
    else ready.delete(backend);
  }

  async function watch(backend: Backend): Promise<void> {
    let silent = 0;
    while (!stopping.signal.aborted) {
      const state = await isOk(`${backend.url}/readyz`, PROBE_TIMEOUT_MS).catch(readFailure);
      silent = state === 'silent' ? silent + 1 : 0;
      if (state !== 'silent' || silent > SILENCE_ALLOWED) note(backend, state === true);
      await sleep(PROBE_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const backend = next();
    if (!backend) return void client.resetAndDestroy();
    const { hostname: host, port: backendPort } = new URL(backend.url);
    const upstream = connect({ host, port: Number(backendPort), allowHalfOpen: true, noDelay: true });
    join(client, upstream);
    for (const socket of [client, upstream]) open.add(socket.once('close', () => open.delete(socket)));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const watching = backends.map(watch);

  return {
    async stop() {
      stopping.abort();
      server.close();
      for (const socket of open) socket.destroy();
      await Promise.all(watching);
    },
  };
}

const readFailure = ({ code }: NodeJS.ErrnoException): false | 'silent' => (code === 'ECONNREFUSED' ? false : 'silent');

/** What one side sends and how it ends reaches the other: a FIN as a FIN, all else as a reset. */
function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.resetAndDestroy());
  }
}
