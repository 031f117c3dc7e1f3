import { type Admin, Kafka, logLevel } from 'kafkajs';

export type TopicSpec = { name: string; partitions: number; config?: Record<string, string> };

/** Whether the broker responds to a real request; its port is open well before it does. */
export async function servesRequests(bootstrap: string): Promise<boolean> {
  return withAdmin(bootstrap, async (admin) => (await admin.describeCluster()).brokers.length > 0);
}

/** Does nothing for topics that exist. */
export async function createTopics(bootstrap: string, topics: readonly TopicSpec[]): Promise<void> {
  await withAdmin(bootstrap, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ name, partitions, config = {} }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: 1,
        configEntries: Object.entries(config).map(([entry, value]) => ({ name: entry, value })),
      })),
    }),
  );
}

async function withAdmin<T>(bootstrap: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({
    clientId: 'dev-env',
    brokers: bootstrap.split(','),
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
