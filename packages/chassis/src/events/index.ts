export type { EventBus } from './bus.ts';
export { fromMessage } from './cloud-events.ts';
export { createBus } from './create-bus.ts';
export type { Event, EventHandler } from './event.ts';
export { onceOnly } from './inbox.ts';
export { createOutbox, type Outbox, type OutboxTable } from './outbox.ts';
export { createPostgresBus } from './postgres-bus.ts';
export { ChatMessage, type Payloads, ProfileUpdate, TOPICS, UserEvent } from './topics.ts';
