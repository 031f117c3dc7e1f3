import { SERVICES } from '@wave-connect/dev-env/system';
import { untilReady } from '../cluster/cluster.ts';
import { type Fault, injected, startAgain } from './fault.ts';

const CONSUMERS = ['profile', 'feed'] as const;

const kills: Fault[] = SERVICES.map((name) => ({
  name: `kill -9 of a replica of ${name}`,
  hurts: [name],
  inject(cluster, random) {
    const replica = random.pick(cluster.replicas[name]);
    return injected(
      `kill -9 ${replica.part}`,
      () => replica.kill(),
      () => startAgain(replica),
    );
  },
}));

const pause: Fault = {
  name: 'a replica stands still',
  hurts: SERVICES,
  inject(cluster, random) {
    const replica = random.pick(cluster.replicas[random.pick(SERVICES)]);
    return injected(
      `SIGSTOP ${replica.part}`,
      async () => replica.pause(),
      async () => replica.resume(),
    );
  },
};

const rebalance: Fault = {
  name: 'all consumers of a service restarted in turn',
  hurts: CONSUMERS,
  inject(cluster, random) {
    const name = random.pick(CONSUMERS);
    const restartAll = async () => {
      for (const replica of cluster.replicas[name]) {
        await replica.restart();
        await untilReady(replica);
      }
    };
    return injected(`SIGTERM and restart of every ${name}`, restartAll, async () => {
      for (const replica of cluster.replicas[name]) await startAgain(replica);
    });
  },
};

export const REPLICA_FAULTS: readonly Fault[] = [...kills, pause, rebalance];
