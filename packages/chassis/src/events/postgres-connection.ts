import pg from 'pg';
import type { ConstructorOptions } from 'pg-boss';
import type { Secret } from '../config/secret.ts';
import { createLogins } from '../database/rotating-pool.ts';
import type { Logger } from '../observability/log.ts';

/**
 * Has pg-boss open its connections with the URL of the moment. It hands its options on to node-postgres: its pool makes
 * clients of the `Client` given, and the one connection that listens asks for its password alone.
 */
export function queueConnection(url: Secret, log: Logger): ConstructorOptions {
  url.onProblem((problem) => log.error({ problem }, 'the URL of the event queue cannot be read again'));
  const { host, port, user, database, ssl } = new pg.Client({ connectionString: url.value() });
  const password = () => decodeURIComponent(new URL(url.value()).password);
  return { host, port, user, database, ssl, password, Client: createLogins(url).Client } as object;
}
