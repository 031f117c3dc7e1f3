import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '../database/transient.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { runInContext } from '../request-context.ts';
import type { Consumer, EventBus } from './bus.ts';
import type { Event, EventHandler } from './event.ts';

/** Attempts at an event before it is a dead letter, and the pause before the second one, in ms. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export type ConsumerOptions = {
  bus: EventBus;
  group: string;
  handlers: Record<string, EventHandler>;
  ephemeral?: boolean;
  log: Logger;
  metrics: Metrics;
  /** Ends waiting between attempts when the service stops. */
  signal: AbortSignal;
};

/**
 * Consumes the topics that have a handler. An event whose handler fails is tried again a few times and then put
 * aside as a dead letter, so that the next one is handled. Time in which the database cannot be reached does
 * not count: such an event is tried until it takes effect or the service stops.
 */
export function consumeEvents(options: ConsumerOptions): Consumer {
  const { bus, group, handlers, ephemeral = false } = options;
  const handle = withRetries(options);
  return bus.subscribe({ topics: Object.keys(handlers), group, ephemeral, handler: handle });
}

function withRetries({ bus, group, handlers, log, metrics, signal }: ConsumerOptions): EventHandler {
  const consumed = metrics.counter('events_consumed_total', 'Events taken from the bus, by what became of them.', [
    'topic',
    'outcome',
  ]);

  async function handle(event: Event): Promise<void> {
    const handler = handlers[event.type];
    if (!handler) throw new Error(`no handler for ${event.type}`);
    await handler(event);
    consumed.inc({ topic: event.type, outcome: 'handled' });
    log.debug(about(event), 'event handled');
  }

  async function giveUp(event: Event, attempts: number, error: unknown): Promise<void> {
    await bus.publishDeadLetter(event, { group, error: describe(error), attempts });
    consumed.inc({ topic: event.type, outcome: 'dead_letter' });
    log.error({ ...about(event), attempts }, 'event put aside as a dead letter');
  }

  async function handleWithRetries(event: Event): Promise<void> {
    let failures = 0;
    for (let pauses = 0; ; pauses += 1) {
      try {
        return await handle(event);
      } catch (error) {
        const transient = isTransient(error);
        if (!transient) failures += 1;
        log.warn({ err: error, ...about(event), failures, transient }, 'event handler failed');
        if (failures >= MAX_ATTEMPTS) return giveUp(event, failures, error);
        await sleep(Math.min(FIRST_PAUSE_MS * 2 ** pauses, LONGEST_PAUSE_MS), undefined, { signal });
      }
    }
  }

  return (event) => runInContext({ requestId: event.requestId ?? event.id }, () => handleWithRetries(event));
}

const about = (event: Event) => ({ topic: event.type, event_id: event.id });

const describe = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
