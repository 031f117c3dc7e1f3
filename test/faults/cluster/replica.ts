import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@wave-connect/dev-env/processes';
import { type Env, type ServiceName, startService } from '@wave-connect/dev-env/system';
import { isOk } from '@wave-connect/dev-env/waiting';
import type { Replica, UnaskedRestart } from './types.ts';

/** What ended is started again after a look at most; a second look is at /livez. */
const LOOK_EVERY_MS = 1_000;
const PROBE_EVERY_LOOKS = 2;
const PROBE_TIMEOUT_MS = 1_000;
/** Looks at /livez in a row that may fail, before and after the first that does not. */
const FAILURES_ALLOWED = { starting: 30, running: 2 };

type ReplicaOptions = {
  name: ServiceName;
  index: number;
  metricsPort: number;
  env: Env;
  onLine: (line: string) => void;
  /** After each start, asked for or not. */
  onStart: (pid: number, ended: Promise<unknown>) => void;
  onUnaskedRestart: (restart: UnaskedRestart) => void;
  /** Ends the watch over it. */
  signal: AbortSignal;
};

export const partName = (name: ServiceName, index: number): string => `${name}[${index}]`;

/** Starts a replica, and watches over it as a kubelet does. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { name, index, env, onLine, onStart, signal } = options;
  const part = partName(name, index);
  const service = await startService({ name, env, onLine, waitUntilReady: false });
  const { kill, stop, restart } = service;
  /** False: a test has taken it down, and only a test brings it back. */
  let wanted = true;
  let answered = false;
  let failures = 0;
  let work: Promise<void> = Promise.resolve();

  const inTurn = (next: () => Promise<void>): Promise<void> => {
    work = work.catch(() => {}).then(next);
    return work;
  };
  const started = () => {
    answered = false;
    failures = 0;
    onStart(service.pid, service.exited);
  };
  const start = async () => {
    await restart();
    started();
  };

  const startUnasked = (why: string) =>
    inTurn(async () => {
      if (!wanted || signal.aborted) return;
      options.onUnaskedRestart({ part, why });
      await kill();
      await start();
    });

  async function probe(): Promise<void> {
    const ok = await isOk(`${service.url}/livez`, PROBE_TIMEOUT_MS).catch(() => false);
    if (ok) answered = true;
    failures = ok ? 0 : failures + 1;
    if (failures > FAILURES_ALLOWED[answered ? 'running' : 'starting']) await startUnasked('/livez failed');
  }

  async function watch(): Promise<void> {
    for (let look = 1; !signal.aborted; look += 1) {
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
      await work.catch(() => {});
      if (!wanted || signal.aborted) continue;
      if (!isAlive(service.pid)) await startUnasked('it ended by itself');
      else if (look % PROBE_EVERY_LOOKS === 0) await probe();
    }
  }

  started();
  void watch();
  return Object.assign(service, {
    index,
    part,
    metricsUrl: `http://127.0.0.1:${options.metricsPort}`,
    kill: () => {
      wanted = false;
      return inTurn(kill);
    },
    stop: (by?: NodeJS.Signals) => {
      wanted = false;
      return inTurn(() => stop(by));
    },
    restart: () => {
      wanted = false;
      return inTurn(start).then(() => {
        wanted = true;
      });
    },
  });
}
