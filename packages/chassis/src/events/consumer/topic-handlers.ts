import { type Payloads, TOPIC_NAMES, type TopicName, topics } from '@wave-connect/contracts/topics.ts';
import { z } from 'zod';
import type { EventHandler } from '../event.ts';
import { onlyFrom } from './producers.ts';

/** Handles one topic's events, whose values are as the topic's schema says. */
export type TopicHandler<Topic extends TopicName> = EventHandler<Payloads[Topic]>;

/** By topic. A name that no topic has is no property here. */
export type TopicHandlers = { [Topic in TopicName]?: TopicHandler<Topic> };

/** Without the attribute it is empty, which `BigInt` would read as 0. */
const sequence = z.string().regex(/^\d{1,19}$/, { message: 'the event has no sequence number' });

const schemas: { [Topic in TopicName]: { payload: z.ZodType<Payloads[Topic]> } } = topics;

/**
 * The handlers for events as a bus brings them. An event of another than its topic's producer, a value that is not as
 * the topic's schema says, and one without a sequence number make a handler fail, which leads the event to the dead letters.
 */
export function withSchemas(handlers: TopicHandlers): Record<string, EventHandler> {
  const checked: Record<string, EventHandler> = {};
  for (const topic of TOPIC_NAMES) {
    const handler = withSchema(topic, handlers);
    if (handler) checked[topic] = handler;
  }
  return checked;
}

function withSchema<Topic extends TopicName>(topic: Topic, handlers: TopicHandlers): EventHandler | undefined {
  const handler: TopicHandlers[Topic] = handlers[topic];
  const { payload } = schemas[topic];
  const checked: EventHandler | undefined =
    handler &&
    (async (event) => {
      sequence.parse(event.sequence);
      await handler({ ...event, data: payload.parse(event.data) });
    });
  return checked && onlyFrom(topics[topic].producer, checked);
}
