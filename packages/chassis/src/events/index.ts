export type { EventBus } from './bus.ts';
export { fromMessage } from './cloud-event-headers.ts';
export { createBus } from './create-bus.ts';
export type { Event, EventHandler } from './event.ts';
export { onceOnly } from './inbox.ts';
export { createOutbox, type Outbox, type OutboxTable } from './outbox.ts';
export { createPostgresBus } from './postgres-bus.ts';
export { ChatMessage, deadLetterTopic, type Payloads, ProfileUpdate, TOPICS, UserEvent } from './topics.ts';
