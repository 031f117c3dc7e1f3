import type { KafkaConfig } from '../../config/events.ts';
import type { Logger } from '../../observability/log.ts';
import { type EventBus, RefusedEventError } from '../bus.ts';
import { type Event, type Message, toMessage } from '../event.ts';
import { createKafkaClient } from './client.ts';
import { createKafkaConsumer } from './consumer.ts';
import { isTooLarge } from './failure.ts';
import { createKafkaProducer } from './producer.ts';

/** Below what a broker takes at once for one partition (message.max.bytes, 1,048,588), with an allowance for headers. */
const MAX_BATCH_BYTES = 1_000_000;
const HEADERS_BYTES = 1_000;

type Outgoing = { event: Event; message: Message };

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

/** In the order given; a new batch begins where the one at hand would grow too large for a broker. */
function inBatches(events: readonly Event[]): Outgoing[][] {
  const batches: Outgoing[][] = [];
  let room = 0;
  for (const event of events) {
    const message = toMessage(event);
    const bytes = Buffer.byteLength(message.value ?? '') + HEADERS_BYTES;
    if (bytes > room) {
      batches.push([]);
      room = MAX_BATCH_BYTES;
    }
    batches.at(-1)?.push({ event, message });
    room -= bytes;
  }
  return batches;
}

function byTopic(batch: readonly Outgoing[]): { topic: string; messages: Message[] }[] {
  const groups = Map.groupBy(batch, ({ event }) => event.type);
  return [...groups].map(([topic, group]) => ({ topic, messages: group.map(({ message }) => message) }));
}
