import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@wave-connect/dev-env/processes';
import { type Env, SERVICES, type ServiceName, type ServiceProcess, startService } from '@wave-connect/dev-env/system';
import { allOrAbort, isOk, isSettled, waitFor } from '@wave-connect/dev-env/waiting';
import { startBalancer } from '../../support/balancer.ts';
import type { Clocks } from './clock.ts';
import { type Layout, mapRecord } from './layout.ts';

/**
 * One process of a service, under the kubelet's eye: what ends by itself is started again; what a test has killed or
 * stopped stays down until its `restart`, which resolves once the process runs, ready or not.
 */
export type Replica = ServiceProcess<ServiceName> & {
  /** As the logs call it: `auth[0]`. */
  readonly part: string;
};

/** A start of a replica that no test has asked for. */
export type UnaskedRestart = { part: string; why: string };

/** Told what to do when the cluster stops, in the reverse of the order given. */
export type Undo = (undo: () => Promise<unknown>) => void;

type Plan = {
  layout: Layout;
  env(name: ServiceName, index: number): Env;
  clocks: Clocks | undefined;
  unaskedRestarts: UnaskedRestart[];
  onLine: (part: string, line: string) => void;
  signal: AbortSignal | undefined;
};

const READY_DEADLINE_MS = 120_000;
const READY_TIMEOUT_MS = 2_000;

/** Starts every replica behind its service's balancer; resolves when all are ready and events flow. */
export async function startReplicas(plan: Plan, undo: Undo): Promise<Record<ServiceName, readonly Replica[]>> {
  const { layout, onLine } = plan;
  const watch = new AbortController();
  const replicas = mapRecord(SERVICES, (): Replica[] => []);
  undo(() => Promise.all(Object.values(replicas).flatMap((all) => all.map((replica) => replica.stop()))));
  undo(async () => watch.abort());
  for (const name of SERVICES) {
    const backends = layout.replicas[name].map(({ http }, index) => {
      return { name: partName(name, index), url: `http://127.0.0.1:${http}` };
    });
    const balancer = await startBalancer(layout.balancer[name], backends, (line) => onLine(`balancer ${name}`, line));
    undo(() => balancer.stop());
  }
  await allOrAbort(plan.signal, (signal) =>
    SERVICES.flatMap((name) =>
      layout.replicas[name].map(async (_, index) => {
        const replica = await startReplica(name, index, plan, watch.signal);
        replicas[name][index] = replica;
        await untilSettled(replica, signal);
      }),
    ),
  );
  return replicas;
}

const partName = (name: ServiceName, index: number): string => `${name}[${index}]`;

/** @throws where it is not within two minutes */
export async function untilReady({ part, url }: Replica, signal?: AbortSignal): Promise<void> {
  const options = { deadlineMs: READY_DEADLINE_MS, everyMs: 100, signal };
  await waitFor(`${part} to be ready`, () => isOk(`${url}/readyz`, READY_TIMEOUT_MS), options);
}

async function untilSettled({ part, url }: Replica, signal: AbortSignal): Promise<void> {
  const options = { deadlineMs: READY_DEADLINE_MS, everyMs: 100, signal };
  await waitFor(`${part} to consume and publish`, () => isSettled(url, READY_TIMEOUT_MS), options);
}

/** What ended is started again after a look at most; a second look is at /livez. */
const LOOK_EVERY_MS = 1_000;
const PROBE_EVERY_LOOKS = 2;
const PROBE_TIMEOUT_MS = 1_000;
/** Looks at /livez in a row that may fail, before and after the first that does not. */
const FAILURES_ALLOWED = { starting: 30, running: 2 };

/** Starts a replica, and watches over it as a kubelet does until `signal` aborts. */
async function startReplica(name: ServiceName, index: number, plan: Plan, signal: AbortSignal): Promise<Replica> {
  const { clocks, unaskedRestarts, onLine } = plan;
  const part = partName(name, index);
  const env = { ...(await clocks?.env(part)), ...plan.env(name, index) };
  const service = await startService({ name, env, onLine: (line) => onLine(part, line), waitUntilReady: false });
  const { kill, stop, restart } = service;
  /** False: a test has taken it down, and only a test brings it back. */
  let wanted = true;
  let hasResponded = false;
  let failures = 0;
  let work: Promise<void> = Promise.resolve();

  const inTurn = (next: () => Promise<void>): Promise<void> => {
    work = work.catch(() => {}).then(next);
    return work;
  };
  const started = () => {
    hasResponded = false;
    failures = 0;
    clocks?.tidyAfter(service.pid, service.exited);
  };
  const start = async () => {
    await restart();
    started();
  };

  const startUnasked = (why: string) =>
    inTurn(async () => {
      if (!wanted || signal.aborted) return;
      unaskedRestarts.push({ part, why });
      onLine('kubelet', `${part} is started again: ${why}`);
      await kill();
      await start();
    });

  async function probe(): Promise<void> {
    const ok = await isOk(`${service.url}/livez`, PROBE_TIMEOUT_MS).catch(() => false);
    if (ok) hasResponded = true;
    failures = ok ? 0 : failures + 1;
    if (failures > FAILURES_ALLOWED[hasResponded ? 'running' : 'starting']) await startUnasked('/livez failed');
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
    part,
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
