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

/** Resolves once the event has taken effect; rejects where it has not. */
export type EventHandler = (event: Event) => Promise<void>;
