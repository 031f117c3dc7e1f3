import { withClient } from '@wave-connect/dev-env/postgres';
import type { DataServiceName } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type pg from 'pg';
import type { Cluster } from '../cluster/cluster.ts';
import { type Fault, injected, startAgain } from './fault.ts';
import { provokeMessage, provokeRegistration } from './provoke.ts';

const DEADLINE_MS = 20_000;

const EVENTS_WAITING = 'SELECT count(*) FROM outbox';
const EFFECTS = 'SELECT count(*) FROM processed_events';
const EFFECTS_HELD_UP = `SELECT count(*) FROM pg_locks WHERE relation = 'processed_events'::regclass AND NOT granted`;

/** Kills all replicas in the window between the commit of a change and the publishing of its event. */
const beforePublishing = (service: 'auth' | 'chat', name: string, provoke: (url: string) => void): Fault => ({
  name,
  weight: 2,
  hurts: [service, 'kafka', 'gateway'],
  inject(cluster, random) {
    const link = cluster.link(`${service} → kafka`);
    const how = random.pick(['cut', 'hang'] as const);
    const open = () =>
      withClient(cluster.databaseUrl(service), async (client) => {
        await link[how]();
        provoke(cluster.url);
        await waitFor('an event in the outbox', async () => (await count(client, EVENTS_WAITING)) > 0, {
          deadlineMs: DEADLINE_MS,
        });
        await killAll(cluster, service);
      });
    return injected(`${how} ${link.name}, then kill -9 every ${service}`, open, () => healWindow(cluster, service));
  },
});

/**
 * Kills all replicas of profile in the window between the commit of an effect and that of its offset: holds effects
 * up by a lock until one waits for it, takes Kafka away, and lets the effects go.
 */
const beforeOffset: Fault = {
  name: 'profile killed between effect and offset',
  weight: 2,
  hurts: ['profile', 'auth', 'kafka', 'gateway'],
  inject(cluster) {
    const link = cluster.link('profile → kafka');
    const open = () =>
      withClient(cluster.databaseUrl('profile'), async (client) => {
        await client.query('BEGIN');
        await client.query('LOCK TABLE processed_events IN SHARE ROW EXCLUSIVE MODE');
        provokeRegistration(cluster.url);
        await waitFor('an effect', async () => (await count(client, EFFECTS_HELD_UP)) > 0, { deadlineMs: DEADLINE_MS });
        const before = await count(client, EFFECTS);
        await link.hang();
        await client.query('COMMIT');
        await waitFor('its commit', async () => (await count(client, EFFECTS)) > before, { deadlineMs: DEADLINE_MS });
        await killAll(cluster, 'profile');
      });
    return injected('kill -9 every profile with effects in and offsets out', open, () =>
      healWindow(cluster, 'profile'),
    );
  },
};

async function killAll(cluster: Cluster, service: DataServiceName): Promise<void> {
  await Promise.all(cluster.replicas[service].map((replica) => replica.kill()));
}

async function healWindow(cluster: Cluster, service: DataServiceName): Promise<void> {
  await cluster.link(`${service} → kafka`).heal();
  await Promise.all(cluster.replicas[service].map(startAgain));
}

const count = async (client: pg.Client, sql: string): Promise<number> =>
  Number((await client.query<{ count: string }>(sql)).rows[0]?.count);

export const WINDOW_FAULTS: readonly Fault[] = [
  beforePublishing('auth', 'auth killed between commit and publish', provokeRegistration),
  beforePublishing('chat', 'chat killed between store and fan-out', provokeMessage),
  beforeOffset,
];
