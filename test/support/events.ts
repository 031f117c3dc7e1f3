import { randomUUID } from 'node:crypto';
import { readEventsConfig } from '@wave-connect/chassis/config';
import { createBus, type Event, type EventBus, TOPICS } from '@wave-connect/chassis/events';
import { createLogger } from '@wave-connect/chassis/observability';

/** A client of the event bus that belongs to no service. */
export async function startBus(eventsUrl: string): Promise<EventBus> {
  const log = createLogger('test', 'silent');
  const bus = createBus(readEventsConfig({ EVENTS_URL: eventsUrl }), { clientId: `test-${randomUUID()}`, log });
  await bus.start();
  return bus;
}

/** An event that no outbox has published. */
export const anEvent = (type: string, key: string, data: unknown, id: string = randomUUID()): Event => ({
  id,
  type,
  source: `/${TOPICS.find(({ name }) => name === type)?.producer ?? 'test'}`,
  time: new Date().toISOString(),
  key,
  sequence: '0',
  data,
});
