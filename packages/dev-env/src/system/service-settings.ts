import type { Env } from './service-process.ts';

export const DATA_SERVICES = ['auth', 'chat', 'feed', 'profile'] as const;
export const SERVICES = ['gateway', ...DATA_SERVICES] as const;

export type DataServiceName = (typeof DATA_SERVICES)[number];
export type ServiceName = (typeof SERVICES)[number];

export type PortName = ServiceName | 'profile-grpc' | `${ServiceName}-metrics`;
export type Ports = Record<PortName, number>;

/** The default ports of `make up`. */
export const USUAL_PORTS: Ports = {
  gateway: 8080,
  auth: 8081,
  chat: 8082,
  feed: 8083,
  profile: 8084,
  'profile-grpc': 9084,
  'gateway-metrics': 9180,
  'auth-metrics': 9181,
  'chat-metrics': 9182,
  'feed-metrics': 9183,
  'profile-metrics': 9184,
};

export const PORT_NAMES = Object.keys(USUAL_PORTS) as PortName[];

const HOST = '127.0.0.1';

const where = (name: ServiceName, ports: Ports): Env => ({
  HOST,
  PORT: String(ports[name]),
  METRICS_PORT: String(ports[`${name}-metrics`]),
});

export function gatewayEnv(ports: Ports, jwtSecret: string): Env {
  const urls = DATA_SERVICES.map(
    (name) => [`${name.toUpperCase()}_SERVICE_URL`, `http://${HOST}:${ports[name]}`] as const,
  );
  // Tests act as many users from one address.
  return { ...where('gateway', ports), ...Object.fromEntries(urls), JWT_SECRET: jwtSecret, RATE_LIMIT: 'off' };
}

export type Backing = { jwtSecret: string; databaseUrl: string; eventsUrl: string };

export function dataServiceEnv(name: DataServiceName, ports: Ports, backing: Backing): Env {
  return {
    ...where(name, ports),
    DATABASE_URL: backing.databaseUrl,
    EVENTS_URL: backing.eventsUrl,
    ...(name === 'auth' && { JWT_SECRET: backing.jwtSecret }),
    ...(name === 'chat' && { RATE_LIMIT: 'off' }),
    ...(name === 'chat' && { AUTH_SERVICE_URL: `http://${HOST}:${ports.auth}` }),
    ...(name === 'profile' && { GRPC_PORT: String(ports['profile-grpc']), GRPC_REFLECTION: 'true' }),
    ...((name === 'chat' || name === 'feed') && { PROFILE_GRPC_TARGET: `${HOST}:${ports['profile-grpc']}` }),
  };
}
