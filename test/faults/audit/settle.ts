import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '@wave-connect/chassis/events';
import type { Admin } from 'kafkajs';
import { count } from '../../support/database.ts';
import { withAdmin } from '../../support/kafka.ts';
import { sum } from '../../support/statistics.ts';
import type { Target } from './facts.ts';

const PUBLISHERS = ['auth', 'profile', 'chat'] as const;
const ERASERS = ['feed', 'chat'] as const;
/** An event may bring about another, of another service, while one of them is looked at. */
const TIMES_IN_A_ROW = 3;
const EVERY_MS = 300;

/**
 * Waits until no event is in flight, nor its work: outboxes are empty, no consumer group has lag, and no deleted account is
 * still being erased.
 * @returns what still was in flight at the deadline, nothing where all has settled
 */
export async function settle(target: Target, { deadlineMs }: { deadlineMs: number }): Promise<string[]> {
  const deadline = Date.now() + deadlineMs;
  let pending: string[] = [];
  for (let quiet = 0; quiet < TIMES_IN_A_ROW; ) {
    pending = await inFlight(target).catch((error) => [`it cannot be told: ${error}`]);
    quiet = pending.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline && quiet === 0) return pending;
    await sleep(EVERY_MS);
  }
  return [];
}

async function inFlight(target: Target): Promise<string[]> {
  const outboxes = (await outboxCounts(target)).filter(({ waiting }) => waiting > 0);
  return [
    ...outboxes.map(({ name, waiting }) => `${waiting} events in the outbox of ${name}`),
    ...(await withAdmin(target, readLag)),
    ...(await readErasures(target)),
  ];
}

async function readErasures({ databaseUrl }: Target): Promise<string[]> {
  const pending = await Promise.all(
    ERASERS.map(async (name) => ({ name, people: await count(databaseUrl(name), 'SELECT count(*) FROM erasures') })),
  );
  return pending.filter(({ people }) => people > 0).map(({ name, people }) => `${people} accounts to erase in ${name}`);
}

/** How many events wait in the outbox of each service that publishes. */
export const outboxCounts = ({ databaseUrl }: Pick<Target, 'databaseUrl'>) =>
  Promise.all(
    PUBLISHERS.map(async (name) => ({ name, waiting: await count(databaseUrl(name), 'SELECT count(*) FROM outbox') })),
  );

/** The lag of each consumer group that has some: of the durable ones by topic, and of those that have members. */
async function readLag(admin: Admin): Promise<string[]> {
  const topics = await Promise.all(
    TOPICS.map(async ({ name }) => [name, await admin.fetchTopicOffsets(name)] as const),
  );
  const ends = new Map(
    topics.flatMap(([name, ranges]) => ranges.map((range) => [`${name}/${range.partition}`, range] as const)),
  );

  /** Without a commit, all of a partition is a durable group's lag, and nothing is another group's. */
  async function lagOf(groupId: string, topic?: string): Promise<string[]> {
    const offsets = await admin.fetchOffsets(topic ? { groupId, topics: [topic] } : { groupId });
    const behind = offsets.flatMap(({ topic: name, partitions }) =>
      partitions.map(({ partition, offset }) => {
        const { low, high } = ends.get(`${name}/${partition}`) ?? { low: 0, high: 0 };
        if (Number(offset) >= 0) return Math.max(0, Number(high) - Number(offset));
        return topic ? Number(high) - Number(low) : 0;
      }),
    );
    const lag = sum(behind);
    return lag > 0 ? [`${lag} events for ${groupId}${topic ? ` of ${topic}` : ''}`] : [];
  }

  const groups = (await admin.listGroups()).groups.filter(({ protocolType }) => protocolType === 'consumer');
  const { groups: described } = await admin.describeGroups(groups.map(({ groupId }) => groupId));
  const lags = await Promise.all([
    ...TOPICS.flatMap(({ name, groups: ids }) => ids.map((id) => lagOf(id, name))),
    ...described.filter(({ members }) => members.length > 0).map(({ groupId }) => lagOf(groupId)),
  ]);
  return lags.flat();
}
