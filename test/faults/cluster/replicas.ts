import { type DataServiceName, SERVICES, type ServiceName } from '@wave-connect/dev-env/system';
import { allOrAbort, isOk, isSettled, waitFor } from '@wave-connect/dev-env/waiting';
import type { Abilities } from './abilities.ts';
import { startBalancer } from './balancer.ts';
import type { Layout } from './layout.ts';
import { mapRecord } from './record.ts';
import { partName, startReplica } from './replica.ts';
import { replicaEnv } from './replica-env.ts';
import type { ClusterOptions, Replica, UnaskedRestart } from './types.ts';

const READY_DEADLINE_MS = 120_000;
const PROBE_TIMEOUT_MS = 2_000;

/** Told what to do when the cluster stops, in the reverse of the order given. */
export type Undo = (undo: () => Promise<unknown>) => void;

type ReplicaPlan = {
  layout: Layout;
  jwtSecret: string;
  databaseUrl: (name: DataServiceName) => string;
  abilities: Abilities;
  unaskedRestarts: UnaskedRestart[];
};

/** Starts every replica behind its service's balancer; resolves when all are ready and events flow. */
export async function startReplicas(
  options: ClusterOptions,
  plan: ReplicaPlan,
  undo: Undo,
): Promise<Record<ServiceName, readonly Replica[]>> {
  const { layout, abilities, unaskedRestarts } = plan;
  const watch = new AbortController();
  const logTo = (part: string) => (line: string) => options.onLine?.(part, line);
  const all: Replica[] = [];
  undo(() => Promise.all(all.map((replica) => replica.stop())));
  undo(async () => watch.abort());

  const start = async (name: ServiceName, index: number, signal: AbortSignal) => {
    const part = partName(name, index);
    const replica = await startReplica({
      name,
      index,
      metricsPort: layout.replica[name][index]?.metricsPort as number,
      env: {
        ...replicaEnv(name, index, plan),
        ...(await abilities.clocks?.env(part)),
        ...options.env,
        ...options.serviceEnv?.[name],
      },
      onLine: logTo(part),
      onStart: (pid, ended) => abilities.clocks?.tidyAfter(pid, ended),
      onUnaskedRestart(restart) {
        unaskedRestarts.push(restart);
        logTo('kubelet')(`${restart.part} is started again: ${restart.why}`);
      },
      signal: watch.signal,
    });
    all.push(replica);
    const settled = () => isSettled(replica.url, PROBE_TIMEOUT_MS);
    await waitFor(`${part} to consume and publish`, settled, { deadlineMs: READY_DEADLINE_MS, everyMs: 100, signal });
  };

  for (const name of SERVICES) {
    const backends = layout.replica[name].map(({ port }, index) => ({
      name: partName(name, index),
      url: `http://127.0.0.1:${port}`,
    }));
    const balancer = await startBalancer(layout.balancer[name], backends, logTo(`balancer ${name}`));
    undo(() => balancer.stop());
  }
  await allOrAbort(options.signal, (signal) =>
    SERVICES.flatMap((name) => layout.replica[name].map((_, index) => start(name, index, signal))),
  );
  const of = (name: ServiceName) => all.filter((replica) => replica.name === name).sort((a, b) => a.index - b.index);
  return mapRecord(SERVICES, of);
}

/** @throws where it is not within two minutes */
export async function untilReady(replica: Replica, signal?: AbortSignal): Promise<void> {
  await waitFor(`${replica.part} to be ready`, () => isOk(`${replica.url}/readyz`, PROBE_TIMEOUT_MS), {
    deadlineMs: READY_DEADLINE_MS,
    everyMs: 100,
    signal,
  });
}
