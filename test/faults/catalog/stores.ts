import { DATA_SERVICES } from '@wave-connect/dev-env/system';
import { type Fault, injected, startAgain } from './fault.ts';

const FROZEN_MS = 30_000;

const kafkaKilled: Fault = {
  name: 'Kafka killed',
  hurts: ['kafka'],
  inject: ({ kafka }) =>
    injected(
      'kill -9 kafka',
      () => kafka.kill(),
      () => startAgain(kafka),
    ),
};

const kafkaFrozen: Fault = {
  name: 'Kafka frozen for 30 s',
  weight: 0,
  holdMs: FROZEN_MS,
  hurts: ['kafka'],
  inject: ({ kafka }) =>
    injected(
      'SIGSTOP kafka',
      async () => kafka.pause(),
      async () => kafka.resume(),
    ),
};

const postgresKilled: Fault[] = DATA_SERVICES.map((name) => ({
  name: `the Postgres of ${name} killed`,
  hurts: [name, 'postgres'],
  inject: ({ postgres }) =>
    injected(
      `kill -9 postgres ${name}`,
      () => postgres[name].kill(),
      () => startAgain(postgres[name]),
    ),
}));

const postgresFrozen: Fault = {
  name: 'a Postgres frozen',
  hurts: [...DATA_SERVICES, 'postgres'],
  inject({ postgres }, random) {
    const name = random.pick(DATA_SERVICES);
    return injected(
      `SIGSTOP postgres ${name}`,
      async () => postgres[name].pause(),
      async () => postgres[name].resume(),
    );
  },
};

const diskFull: Fault = {
  name: 'the disk of a Postgres full',
  needs: 'disk',
  hurts: [...DATA_SERVICES, 'postgres'],
  inject(cluster, random) {
    const name = random.pick(DATA_SERVICES);
    return injected(
      `no room left for postgres ${name}`,
      () => cluster.fillDisk(name),
      () => cluster.freeDisk(name),
    );
  },
};

export const STORE_FAULTS: readonly Fault[] = [kafkaKilled, kafkaFrozen, ...postgresKilled, postgresFrozen, diskFull];
