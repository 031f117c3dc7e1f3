import type { EventsConfig } from '../config/events.ts';
import type { Logger } from '../observability/log.ts';
import type { EventBus } from './bus.ts';
import { createKafkaBus } from './kafka/bus.ts';
import { createPostgresBus } from './postgres/bus.ts';
import { TOPICS, type Topic } from './topics.ts';

/** The adapter that the environment asks for. */
export function createBus(
  config: EventsConfig,
  options: { clientId: string; log: Logger; topics?: readonly Topic[] },
): EventBus {
  if (config.kind === 'kafka') return createKafkaBus(config, options);
  return createPostgresBus(config.url, { ...options, topics: options.topics ?? TOPICS });
}
