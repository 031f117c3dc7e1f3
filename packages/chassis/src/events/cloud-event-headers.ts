import type { IHeaders } from 'kafkajs';
import type { DeadLetterReason, Event } from './event.ts';
import { type ReceivedMessage, rememberMessage } from './received-message.ts';

type Headers = Record<string, string>;

/** Kafka binding of CloudEvents 1.0, binary mode: attributes as `ce_` headers, the value untouched. */
export function toHeaders(event: Event): Headers {
  return {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_type: event.type,
    ce_source: event.source,
    ce_time: event.time,
    ce_sequence: event.sequence,
    ...(event.requestId !== undefined && { ce_requestid: event.requestId }),
  };
}

/** What a dead letter's message says besides what it came with. */
export const deadLetterHeaders = ({ group, error, attempts }: DeadLetterReason): Headers => ({
  dlq_group: group,
  dlq_error: error,
  dlq_attempts: String(attempts),
});

export function withoutDeadLetterHeaders(headers: IHeaders): IHeaders {
  const { dlq_group, dlq_error, dlq_attempts, ...asItCame } = headers;
  return asItCame;
}

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
    ...(header('dlq_group') !== '' && {
      deadLetter: {
        group: header('dlq_group'),
        error: header('dlq_error'),
        attempts: Number(header('dlq_attempts')),
      },
    }),
  };
  return rememberMessage(event, message);
}

function parse(value: Buffer | null): unknown {
  const text = value?.toString() ?? '';
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
