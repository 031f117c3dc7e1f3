import type { IHeaders } from 'kafkajs';

/**
 * An event, as CloudEvents 1.0 names its parts. `type` is also its topic, `key` decides its partition, and
 * `sequence` grows with every event of one source, so of two events with one key the larger is the newer.
 */
export type Event<Data = unknown> = {
  id: string;
  type: string;
  source: string;
  /** RFC 3339. */
  time: string;
  key: string;
  sequence: string;
  data: Data;
  /** The request that caused it, for logs. */
  requestId?: string;
};

/** The `source` of a service's events. */
export const sourceOf = (service: string): string => `/${service}`;

/** Resolves once the event has taken effect; rejects where it has not. */
export type EventHandler<Data = unknown> = (event: Event<Data>) => Promise<void>;

/** An event in the form of Kafka's binding of CloudEvents 1.0, binary mode: attributes as `ce_` headers, the value untouched. */
export type Message = {
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers?: IHeaders;
};

/** A message that a bus delivered. `place` tells it from all others of its topic, such as `3@17` for partition 3, offset 17. */
export type ReceivedMessage = Message & { place?: string | undefined };

const received = new WeakMap<Event, ReceivedMessage>();

export const toMessage = (event: Event): Message => ({
  key: event.key,
  value: JSON.stringify(event.data),
  headers: {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_type: event.type,
    ce_source: event.source,
    ce_time: event.time,
    ce_sequence: event.sequence,
    ...(event.requestId !== undefined && { ce_requestid: event.requestId }),
  },
});

/**
 * Reads a message of `topic` back. A value that is no JSON becomes the raw text, and a missing attribute
 * becomes empty, so that the handler refuses it and the message ends as a dead letter, never as a crash.
 */
export function fromMessage(topic: string, message: ReceivedMessage): Event {
  const header = (name: string) => String(message.headers?.[name] ?? '');
  const requestId = header('ce_requestid');
  const event: Event = {
    id: header('ce_id'),
    type: topic,
    source: header('ce_source'),
    time: header('ce_time'),
    key: message.key?.toString() ?? '',
    sequence: header('ce_sequence'),
    data: parse(message.value),
    ...(requestId !== '' && { requestId }),
  };
  return remember(event, message);
}

/** Keeps the message beside the event that was read from it, for as long as the event is in use. */
export function remember(event: Event, message: ReceivedMessage): Event {
  received.set(event, message);
  return event;
}

/** The message as it came; of an event that was made in this process, as it would be published. */
export const asItCame = (event: Event): ReceivedMessage => received.get(event) ?? toMessage(event);

function parse(value: Buffer | string | null): unknown {
  const text = value?.toString() ?? '';
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
