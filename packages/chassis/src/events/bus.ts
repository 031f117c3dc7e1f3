import type { Event, EventHandler } from './event.ts';

export type Subscription = {
  topics: readonly string[];
  /** Each group gets every event once; its members share the partitions. */
  group: string;
  /** A group for this process alone, which does not care for what was published before it first subscribed. */
  ephemeral?: boolean;
  handler: EventHandler;
  /** Called where a client was given up and a new one joins. */
  onRestart?: () => void;
};

/**
 * The port for events; adapters are Kafka and a Postgres queue, and one contract suite holds both.
 * Events with one key are handled in the order in which they were published. Delivery is at-least-once.
 */
export type EventBus = {
  start(): Promise<void>;
  /**
   * Prepares for publishing to these topics. Returns at once; connects in the background, and again after every loss of
   * the bus, so that what publishing waits for is known before the first event.
   */
  openPublisher(topics: readonly string[]): Publisher;
  /**
   * Resolves once the bus has stored all of them, in this order; rejects where it may not have. Once `signal`
   * aborts, it sends no more than what is in-flight.
   * @throws RefusedEventError where the bus will never take one of them; those before it may be stored
   */
  publish(events: readonly Event[], signal?: AbortSignal): Promise<void>;
  /** Returns at once; joins the group in the background, and again after every loss of the bus. */
  subscribe(subscription: Subscription): Consumer;
  stop(): Promise<void>;
};

/** The bus does not take this event, however often it is published. The message says why, without a host. */
export class RefusedEventError extends Error {
  override readonly name = 'RefusedEventError';
  readonly event: Event;

  constructor(event: Event, message: string, options?: ErrorOptions) {
    super(message, options);
    this.event = event;
  }
}

/** Something is wrong with a consumer that a new process may mend. */
export type Trouble = {
  /** Shows in probes, so it names no host and no secret. */
  reason: string;
  /** How long it has been so, in ms. */
  forMs: number;
};

export type Consumer = {
  /** Why it does not consume at the moment, whatever the reason. Shows in probes, so it names no host and no secret. */
  waiting(): string | undefined;
  /** What keeps it from its events although the bus would let it have them. */
  trouble(): Trouble | undefined;
  /** Time in ms since it last asked the bus for events and got a response, or ended one. */
  stalledMs(): number;
  /** Consumer lag: events that wait, by topic, as of the last response of the bus. Not every adapter knows. */
  lag?(): ReadonlyMap<string, number>;
  /** Whether it is in its group and gets events. */
  isRunning(): boolean;
  /** Finishes the event at hand and leaves the group. */
  stop(): Promise<void>;
};

export type Publisher = {
  /** Why it could not publish now, as far as is known. Shows in probes, so it names no host and no secret. */
  waiting(): string | undefined;
};
