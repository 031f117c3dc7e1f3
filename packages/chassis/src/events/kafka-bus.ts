import type { KafkaConfig } from '../config/events.ts';
import type { Logger } from '../observability/log.ts';
import { type EventBus, RefusedEventError } from './bus.ts';
import { createKafkaClient } from './kafka-client.ts';
import { createKafkaConsumer } from './kafka-consumer.ts';
import { isTooLarge } from './kafka-failure.ts';
import { byTopic, inBatches, type Outgoing } from './kafka-messages.ts';
import { createKafkaProducer } from './kafka-producer.ts';

/** The event bus on Kafka. `clientId` names the process in the brokers' logs and quotas. */
export function createKafkaBus(config: KafkaConfig, options: { clientId: string; log: Logger }): EventBus {
  const kafka = createKafkaClient(config, options);
  const producer = createKafkaProducer(kafka, options.log);

  /** A batch that the brokers find too large is sent one by one, to find the event that is. */
  async function send(batch: Outgoing[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    try {
      await producer.send(byTopic(batch));
    } catch (error) {
      const [first] = batch;
      if (first === undefined || !isTooLarge(error)) throw error;
      if (batch.length === 1) throw new RefusedEventError(first.event, 'it is too large for Kafka', { cause: error });
      for (const each of batch) await send([each], signal);
    }
  }

  return {
    async start() {},
    openPublisher: producer.open,
    async publish(events, signal) {
      for (const batch of inBatches(events)) await send(batch, signal);
    },
    subscribe: (subscription) => createKafkaConsumer(kafka, subscription, options),
    stop: () => producer.stop(),
  };
}
