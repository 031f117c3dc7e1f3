export type { EventBus } from './bus.ts';
export { fromMessage } from './cloud-event-headers.ts';
export { createBus } from './create-bus.ts';
export type { Event } from './event.ts';
export { onceOnly } from './inbox.ts';
export { appendToOutbox } from './outbox.ts';
export { createPostgresBus } from './postgres-bus.ts';
export type { TopicHandler } from './topic-handlers.ts';
export { deadLetterTopic, TOPICS } from './topics.ts';
