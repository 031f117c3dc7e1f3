import type { IHeaders } from 'kafkajs';
import type { Event } from './event.ts';

export type ReceivedMessage = { key: Buffer | null; value: Buffer | null; headers?: IHeaders };

const messages = new WeakMap<Event, ReceivedMessage>();

/** Keeps the message beside the event that was read from it, for as long as somebody holds the event. */
export function rememberMessage(event: Event, message: ReceivedMessage): Event {
  messages.set(event, message);
  return event;
}

/** The very bytes of an event that came from Kafka; undefined for one that was made here. */
export const receivedMessage = (event: Event): ReceivedMessage | undefined => messages.get(event);
