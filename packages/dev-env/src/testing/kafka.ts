import { createTopics, kafkaUnavailable, startKafka, type TopicSpec } from '../kafka/index.ts';
import { temporaryFolder } from '../machine/index.ts';

export type TestKafka = {
  /** As EVENTS_URL takes it. */
  url: string;
  /** Brokers as host:port, divided by commas. */
  bootstrap: string;
  /** Shared with all tests of the run, so give topics names of their own. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
};

let kafka: Promise<TestKafka> | undefined;

/** Why tests on Kafka are left out, if so: for the `skip` of a test. */
export function testKafkaUnavailable(): string | undefined {
  if (process.env.TEST_KAFKA_URL) return undefined;
  if (process.env.SKIP_KAFKA) return `SKIP_KAFKA is set (${process.env.SKIP_KAFKA})`;
  return kafkaUnavailable();
}

/** The Kafka broker of this test run: that of TEST_KAFKA_URL, else one of this process's own. */
export function testKafka(): Promise<TestKafka> {
  kafka ??= connect();
  return kafka;
}

async function connect(): Promise<TestKafka> {
  const given = process.env.TEST_KAFKA_URL;
  if (given) return brokerAt(given);

  const started = await startKafka({ dataDir: await temporaryFolder(), persistent: false });
  started.unref();
  process.once('beforeExit', () => void started.stop());
  return brokerAt(started.url);
}

function brokerAt(url: string): TestKafka {
  const bootstrap = url.replace(/^kafka:\/\//, '');
  return { url, bootstrap, createTopics: (topics) => createTopics(bootstrap, topics) };
}
