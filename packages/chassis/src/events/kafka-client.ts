import { Kafka, logLevel } from 'kafkajs';
import type { KafkaConfig } from '../config/events.ts';
import type { Logger } from '../observability/log.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Few retries inside the client: the relay and the consumers have loops of their own, which also log and count. */
const RETRY = { retries: 2, initialRetryTime: 200, maxRetryTime: 1_000 };

/** Whether the brokers answer a client that is new, within the limits of its requests. */
export async function brokersAnswer(kafka: Kafka): Promise<boolean> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

export function createKafkaClient(config: KafkaConfig, clientId: string, log: Logger): Kafka {
  return new Kafka({
    clientId,
    brokers: config.brokers,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: RETRY,
    ...(config.tls && { ssl: config.tls.ca === undefined ? true : { ca: [config.tls.ca] } }),
    // A copy, because kafkajs writes into it.
    ...(config.sasl && { sasl: { ...config.sasl } as NonNullable<ConstructorParameters<typeof Kafka>[0]['sasl']> }),
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, level, log: { message, error } }) => {
        // What fails is logged by whoever called; the client's own lines only help to find out why.
        log.debug({ namespace, kafka_level: level, kafka_error: error }, `kafkajs: ${message}`);
      },
  });
}
