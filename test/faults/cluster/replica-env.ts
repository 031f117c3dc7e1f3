import { DATA_SERVICES, type DataServiceName, type Env, type ServiceName } from '@wave-connect/dev-env/system';
import type { Layout } from './layout.ts';

const HOST = '127.0.0.1';
/** A few looks of a balancer, so that it has noticed a replica that stops. */
const SHUTDOWN_DELAY_MS = 1_000;

/** What replica `index` of a service is told. `databaseUrl` is past the link. */
export function replicaEnv(
  name: ServiceName,
  index: number,
  {
    layout,
    jwtSecret,
    databaseUrl,
  }: { layout: Layout; jwtSecret: string; databaseUrl: (name: DataServiceName) => string },
): Env {
  const ports = layout.replica[name][index];
  const common = {
    HOST,
    PORT: String(ports?.port),
    METRICS_PORT: String(ports?.metricsPort),
    INSTANCE_ID: `${name}-${index}`,
    SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS),
  };
  if (name === 'gateway') return { ...common, JWT_SECRET: jwtSecret, RATE_LIMIT: 'off', ...serviceUrls(layout) };
  return {
    ...common,
    DATABASE_URL: throughLink(databaseUrl(name), layout.postgresLink[name]),
    EVENTS_URL: `kafka://${HOST}:${layout.kafkaLink[name]}`,
    ...(name === 'auth' && { JWT_SECRET: jwtSecret, BCRYPT_COST: '4' }),
    ...(name === 'profile' && { GRPC_PORT: String(layout.profileGrpc[index]) }),
    ...(name === 'feed' && {
      PROFILE_GRPC_TARGET: `ipv4:${layout.profileGrpc.map((port) => `${HOST}:${port}`).join(',')}`,
    }),
  };
}

const serviceUrls = ({ serviceLink }: Layout): Env =>
  Object.fromEntries(
    DATA_SERVICES.map((name) => [`${name.toUpperCase()}_SERVICE_URL`, `http://${HOST}:${serviceLink[name]}`]),
  );

function throughLink(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl);
  url.port = String(port);
  return url.href;
}
