import { readFileSync } from 'node:fs';
import { root } from '../charts.ts';

const COMMON = ['packages/chassis/src/config/common.ts'];
const DATA = ['packages/chassis/src/config/database.ts', 'packages/chassis/src/config/events.ts'];

/** What follows from other values, or from the chart alone. */
const DECIDED =
  /^(?:HOST|PORT|METRICS_PORT|INSTANCE_ID|SHUTDOWN_\w+|JWT_SECRET\w*|\w+_SERVICE_URL|GRPC_PORT|PROFILE_GRPC_TARGET|DATABASE_(?:DIRECT_)?URL|DB_(?:HOST|PORT|USER|PASSWORD|NAME)|EVENTS_URL|KAFKA_\w+|RATE_LIMIT_STORE|EMAIL_HASH_KEY)$/;

/** Replicas stand for workers. */
const LEFT_OUT = ['WORKERS'];

/** The variables that a service's configuration reads: the keys of the shapes given to readEnv. */
export function variablesOf(service: string): string[] {
  const files = [...COMMON, ...(service === 'gateway' ? [] : DATA), `services/${service}/src/config.ts`];
  const read = files.flatMap((file) =>
    [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/^ {6,}([A-Z][A-Z0-9_]+):/gm)].map(([, name = '']) => name),
  );
  return read.filter((name) => !LEFT_OUT.includes(name));
}

/** Those of them that `env` of the service's chart may set. */
export const settable = (service: string): string[] => variablesOf(service).filter((name) => !DECIDED.test(name));
