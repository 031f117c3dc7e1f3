import { CompressionTypes, type Kafka, Partitioners } from 'kafkajs';
import type { KafkaConfig } from '../config/events.ts';
import type { Logger } from '../log.ts';
import type { EventBus } from './bus.ts';
import { deadLetterHeaders, toHeaders } from './cloud-event-headers.ts';
import type { Event } from './event.ts';
import { createKafkaClient } from './kafka-client.ts';
import { createKafkaConsumer } from './kafka-consumer.ts';
import { deadLetterTopic } from './topics.ts';

/** How long the brokers may take to store a batch on all in-sync replicas. */
const STORE_TIMEOUT_MS = 10_000;
const ALL_IN_SYNC = -1;

/** The event bus on Kafka. `clientId` names the process in the brokers' logs and quotas. */
export function createKafkaBus(config: KafkaConfig, options: { clientId: string; log: Logger }): EventBus {
  const kafka = createKafkaClient(config, options.clientId, options.log);
  const producer = createProducer(kafka);
  return {
    async start() {},
    publish: (events) => producer.send(byTopic(events)),
    publishDeadLetter: (event, reason) =>
      producer.send([
        {
          topic: deadLetterTopic(event.type),
          messages: [{ ...toMessage(event), headers: deadLetterHeaders(event, reason) }],
        },
      ]),
    subscribe: (subscription) => createKafkaConsumer(kafka, subscription, options),
    stop: () => producer.stop(),
  };
}

type TopicMessages = { topic: string; messages: ReturnType<typeof toMessage>[] };

const toMessage = (event: Event) => ({ key: event.key, value: JSON.stringify(event.data), headers: toHeaders(event) });

function byTopic(events: readonly Event[]): TopicMessages[] {
  const groups = Map.groupBy(events, (event) => event.type);
  return [...groups].map(([topic, group]) => ({ topic, messages: group.map(toMessage) }));
}

/** Connects at the first use and again after a loss. */
function createProducer(kafka: Kafka) {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  let connected: Promise<void> | undefined;
  producer.on(producer.events.DISCONNECT, () => {
    connected = undefined;
  });
  const connect = () => {
    connected ??= producer.connect().catch((error) => {
      connected = undefined;
      throw error;
    });
    return connected;
  };
  return {
    async send(topicMessages: TopicMessages[]): Promise<void> {
      await connect();
      await producer.sendBatch({
        topicMessages,
        acks: ALL_IN_SYNC,
        timeout: STORE_TIMEOUT_MS,
        compression: CompressionTypes.None,
      });
    },
    async stop(): Promise<void> {
      await connected?.catch(() => {});
      await producer.disconnect();
    },
  };
}
