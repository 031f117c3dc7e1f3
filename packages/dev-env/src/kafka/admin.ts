import { type Admin, Kafka, logLevel } from 'kafkajs';

export type TopicSpec = { name: string; partitions: number; config?: Record<string, string | number> };

/** Kafka's number for settings of topics; Node finds no `ConfigResourceTypes` in kafkajs. */
const TOPIC_RESOURCE = 2;

/** Whether the broker responds to a real request; its port is open well before it does. */
export async function servesRequests(bootstrap: string): Promise<boolean> {
  return withAdmin(bootstrap, async (admin) => (await admin.describeCluster()).brokers.length > 0);
}

/** Topics that exist keep their partitions, and get the settings that are given. */
export async function createTopics(bootstrap: string, topics: readonly TopicSpec[]): Promise<void> {
  const configured = topics.filter(({ config }) => config !== undefined);
  await withAdmin(bootstrap, async (admin) => {
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: 1,
        configEntries: entriesOf(topic),
      })),
    });
    if (configured.length === 0) return;
    await admin.alterConfigs({
      validateOnly: false,
      resources: configured.map((topic) => ({
        type: TOPIC_RESOURCE,
        name: topic.name,
        configEntries: entriesOf(topic),
      })),
    });
  });
}

const entriesOf = ({ config = {} }: TopicSpec) =>
  Object.entries(config).map(([name, value]) => ({ name, value: String(value) }));

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
