import { TOPICS } from '@wave-connect/chassis/events';
import type { Admin } from 'kafkajs';

/** How many events wait for each consumer group, the durable ones and those that have members; groups without lag aside. */
export async function readLag(admin: Admin): Promise<Map<string, number>> {
  const ends = await readEnds(admin);
  const durable = new Map(
    TOPICS.flatMap(({ name, groups }) => groups.map((group) => [`${group} ${name}`, { group, topic: name }] as const)),
  );
  const waiting = [...durable.values()].map(
    async ({ group, topic }) => [`${group} of ${topic}`, await lagOf(admin, group, [topic], ends)] as const,
  );
  const live = (await groupsWithMembers(admin)).map(
    async (group) => [group, await lagOf(admin, group, undefined, ends)] as const,
  );
  const lags = await Promise.all([...waiting, ...live]);
  return new Map(lags.filter(([, lag]) => lag > 0));
}

type Ends = Map<string, { low: number; high: number }>;

const nameOf = (topic: string, partition: number) => `${topic}/${partition}`;

async function readEnds(admin: Admin): Promise<Ends> {
  const topics = TOPICS.map(async ({ name }) => {
    const partitions = await admin.fetchTopicOffsets(name);
    return partitions.map(({ partition, low, high }) => {
      return [nameOf(name, partition), { low: Number(low), high: Number(high) }] as const;
    });
  });
  return new Map((await Promise.all(topics)).flat());
}

/** What a group has not committed counts from the beginning for a durable one, and not at all for the others. */
async function lagOf(admin: Admin, groupId: string, topics: string[] | undefined, ends: Ends): Promise<number> {
  const offsets = await admin.fetchOffsets(topics ? { groupId, topics } : { groupId });
  let lag = 0;
  for (const { topic, partitions } of offsets) {
    for (const { partition, offset } of partitions) {
      const end = ends.get(nameOf(topic, partition));
      if (!end) continue;
      if (Number(offset) >= 0) lag += end.high - Number(offset);
      else if (topics) lag += end.high - end.low;
    }
  }
  return lag;
}

async function groupsWithMembers(admin: Admin): Promise<string[]> {
  const { groups } = await admin.listGroups();
  const ids = groups.filter(({ protocolType }) => protocolType === 'consumer').map(({ groupId }) => groupId);
  if (ids.length === 0) return [];
  const described = await admin.describeGroups(ids);
  return described.groups.filter(({ members }) => members.length > 0).map(({ groupId }) => groupId);
}
