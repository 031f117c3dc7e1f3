import type { IHeaders } from 'kafkajs';
import { deadLetterHeaders, toHeaders, withoutDeadLetterHeaders } from './cloud-event-headers.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { DeadLetterReason, Event } from './event.ts';
import { receivedMessage } from './received-message.ts';
import { deadLetterTopic } from './topics.ts';

/** Below what a broker takes at once for one partition (message.max.bytes, 1,048,588), with an allowance for headers. */
const MAX_BATCH_BYTES = 1_000_000;
const HEADERS_BYTES = 1_000;

type Message = { key: Buffer | string | null; value: Buffer | string | null; headers: IHeaders };
export type Outgoing = { topic: string; message: Message };
type TopicMessages = { topic: string; messages: Message[] };

const toMessage = (event: Event): Message => ({
  key: event.key,
  value: JSON.stringify(event.data),
  headers: toHeaders(event),
});

/** The message as it came; of an event that did not come from Kafka, as it would be published. */
function asItCame(event: Event): Message {
  const received = receivedMessage(event);
  return received ? { ...received, headers: received.headers ?? {} } : toMessage(event);
}

export const toOutgoing = (event: Event): Outgoing => ({ topic: event.type, message: toMessage(event) });

export function toDeadLetter(event: Event, reason: DeadLetterReason): Outgoing {
  const message = asItCame(event);
  const headers = { ...message.headers, ...deadLetterHeaders(reason) };
  return { topic: deadLetterTopic(event.type), message: { ...message, headers } };
}

export function toReplay({ topic, event }: DeadLetter): Outgoing {
  const message = asItCame(event);
  return { topic, message: { ...message, headers: withoutDeadLetterHeaders(message.headers) } };
}

/** In the order given; a new batch begins where the one at hand would grow too large for a broker. */
export function inBatches(outgoing: Outgoing[]): TopicMessages[][] {
  const batches: Outgoing[][] = [];
  let room = 0;
  for (const each of outgoing) {
    const bytes = Buffer.byteLength(each.message.value ?? '') + HEADERS_BYTES;
    if (bytes > room) {
      batches.push([]);
      room = MAX_BATCH_BYTES;
    }
    batches.at(-1)?.push(each);
    room -= bytes;
  }
  return batches.map(byTopic);
}

function byTopic(outgoing: Outgoing[]): TopicMessages[] {
  const groups = Map.groupBy(outgoing, ({ topic }) => topic);
  return [...groups].map(([topic, group]) => ({ topic, messages: group.map(({ message }) => message) }));
}
