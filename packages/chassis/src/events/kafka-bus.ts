import type { KafkaConfig } from '../config/events.ts';
import type { Logger } from '../observability/log.ts';
import type { EventBus } from './bus.ts';
import { bounded } from './dead-letters.ts';
import { createKafkaClient } from './kafka-client.ts';
import { createKafkaConsumer } from './kafka-consumer.ts';
import { inBatches, toDeadLetter, toOutgoing } from './kafka-messages.ts';
import { createKafkaProducer } from './kafka-producer.ts';

/** The event bus on Kafka. `clientId` names the process in the brokers' logs and quotas. */
export function createKafkaBus(config: KafkaConfig, options: { clientId: string; log: Logger }): EventBus {
  const kafka = createKafkaClient(config, options);
  const producer = createKafkaProducer(kafka, options.log);
  return {
    async start() {},
    openPublisher: producer.open,
    async publish(events, signal) {
      for (const batch of inBatches(events.map(toOutgoing))) {
        signal?.throwIfAborted();
        await producer.send(batch);
      }
    },
    async publishDeadLetter(event, reason) {
      for (const batch of inBatches([toDeadLetter(event, bounded(reason))])) await producer.send(batch);
    },
    subscribe: (subscription) => createKafkaConsumer(kafka, subscription, options),
    stop: () => producer.stop(),
  };
}
