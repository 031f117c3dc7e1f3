import { type Message, toMessage } from './cloud-events.ts';
import type { Event } from './event.ts';

/** Below what a broker takes at once for one partition (message.max.bytes, 1,048,588), with an allowance for headers. */
const MAX_BATCH_BYTES = 1_000_000;
const HEADERS_BYTES = 1_000;

export type Outgoing = { event: Event; message: Message };
type TopicMessages = { topic: string; messages: Message[] };

/** In the order given; a new batch begins where the one at hand would grow too large for a broker. */
export function inBatches(events: readonly Event[]): Outgoing[][] {
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

export function byTopic(batch: readonly Outgoing[]): TopicMessages[] {
  const groups = Map.groupBy(batch, ({ event }) => event.type);
  return [...groups].map(([topic, group]) => ({ topic, messages: group.map(({ message }) => message) }));
}
