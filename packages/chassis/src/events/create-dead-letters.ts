import type { EventsConfig } from '../config/events.ts';
import type { Logger } from '../observability/log.ts';
import type { DeadLetterBox } from './dead-letters.ts';
import { createKafkaDeadLetters } from './kafka-dead-letters.ts';
import { createPostgresDeadLetters } from './postgres-dead-letters.ts';

/** The dead letters of the bus that the environment asks for. */
export function createDeadLetters(config: EventsConfig, options: { clientId: string; log: Logger }): DeadLetterBox {
  if (config.kind === 'kafka') return createKafkaDeadLetters(config, options);
  return createPostgresDeadLetters(config.url, options);
}
