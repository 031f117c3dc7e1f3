import { randomUUID } from 'node:crypto';
import type { Event } from '../src/events/event.ts';
import { createLogger, type Logger } from '../src/observability/log.ts';

export const silent: Logger = createLogger('test', 'silent');

let sequence = 0;

/** An event of that topic, new in all that tells events apart. */
export function anEvent(type: string, over: Partial<Event> = {}): Event {
  sequence += 1;
  return {
    id: randomUUID(),
    type,
    source: '/test',
    time: new Date().toISOString(),
    key: randomUUID(),
    sequence: String(sequence),
    data: { number: sequence },
    ...over,
  };
}
