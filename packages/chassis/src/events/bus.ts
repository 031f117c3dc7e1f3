import type { DeadLetterReason, Event, EventHandler } from './event.ts';

export type Subscription = {
  topics: readonly string[];
  /** Each group gets every event once; its members share the partitions. */
  group: string;
  /** A group for this process alone, which does not care for what was published before it first subscribed. */
  ephemeral?: boolean;
  handler: EventHandler;
};

/**
 * The port for events; adapters are Kafka and a Postgres queue, and one contract suite holds both.
 * Events with one key are handled in the order in which they were published. Delivery is at least once.
 */
export type EventBus = {
  start(): Promise<void>;
  /** Resolves once the bus has stored all of them, in this order; rejects where it may not have. */
  publish(events: readonly Event[]): Promise<void>;
  /** Puts the event, as it came, into the dead-letter topic of its type. */
  publishDeadLetter(event: Event, reason: DeadLetterReason): Promise<void>;
  /** Returns at once; joins the group in the background, and again after every loss of the bus. */
  subscribe(subscription: Subscription): Consumer;
  stop(): Promise<void>;
};

export type Consumer = {
  /** Throws with a reason where the consumer has stopped making progress for good. */
  assertAlive(): void;
  /** Whether it is in its group and gets events. */
  isRunning(): boolean;
  /** Finishes the event at hand and leaves the group. */
  stop(): Promise<void>;
};
