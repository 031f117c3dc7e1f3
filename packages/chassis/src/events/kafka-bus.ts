import type { KafkaConfig } from '../config/events.ts';
import type { Logger } from '../log.ts';
import type { EventBus } from './bus.ts';
import { deadLetterHeaders, toHeaders } from './cloud-event-headers.ts';
import type { Event } from './event.ts';
import { createKafkaClient } from './kafka-client.ts';
import { createKafkaConsumer } from './kafka-consumer.ts';
import { createKafkaProducer } from './kafka-producer.ts';
import { deadLetterTopic } from './topics.ts';

/** Below what a broker takes at once for one partition (message.max.bytes, 1,048,588), with an allowance for headers. */
const MAX_BATCH_BYTES = 1_000_000;
const HEADERS_BYTES = 1_000;

/** The event bus on Kafka. `clientId` names the process in the brokers' logs and quotas. */
export function createKafkaBus(config: KafkaConfig, options: { clientId: string; log: Logger }): EventBus {
  const kafka = createKafkaClient(config, options.clientId, options.log);
  const producer = createKafkaProducer(kafka);
  return {
    async start() {},
    async publish(events) {
      for (const batch of inBatches(events.map(toOutgoing))) await producer.send(byTopic(batch));
    },
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

type TopicMessages = { topic: string; messages: Message[] };
type Message = { key: string; value: string; headers: Record<string, string> };
type Outgoing = { topic: string; message: Message };

const toMessage = (event: Event): Message => ({
  key: event.key,
  value: JSON.stringify(event.data),
  headers: toHeaders(event),
});

const toOutgoing = (event: Event): Outgoing => ({ topic: event.type, message: toMessage(event) });

/** Begins a new batch where the one at hand would grow too large for a broker. */
function inBatches(outgoing: Outgoing[]): Outgoing[][] {
  const batches: Outgoing[][] = [];
  let room = 0;
  for (const each of outgoing) {
    const bytes = Buffer.byteLength(each.message.value) + HEADERS_BYTES;
    if (bytes > room) {
      batches.push([]);
      room = MAX_BATCH_BYTES;
    }
    batches.at(-1)?.push(each);
    room -= bytes;
  }
  return batches;
}

function byTopic(outgoing: Outgoing[]): TopicMessages[] {
  const groups = Map.groupBy(outgoing, ({ topic }) => topic);
  return [...groups].map(([topic, group]) => ({ topic, messages: group.map(({ message }) => message) }));
}
