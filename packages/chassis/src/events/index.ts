export type { EventBus } from './bus.ts';
export { createErasures, type Erasures } from './consumer/erasures.ts';
export { onceOnly } from './consumer/inbox.ts';
export type { TopicHandler } from './consumer/topic-handlers.ts';
export { createBus } from './create-bus.ts';
export { type Event, fromMessage } from './event.ts';
export { createOutbox, type Outbox, type OutboxTable } from './outbox/outbox.ts';
export { createPostgresBus } from './postgres/bus.ts';
export { KAFKA_TOPICS, TOPICS } from './topics.ts';
