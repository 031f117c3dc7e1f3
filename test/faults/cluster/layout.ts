import { freePorts } from '@wave-connect/dev-env/machine';
import {
  DATA_SERVICES,
  type DataServiceName,
  dataServiceEnv,
  type Env,
  gatewayEnv,
  type Ports,
  SERVICES,
  type ServiceName,
} from '@wave-connect/dev-env/system';

const HOST = '127.0.0.1';
const REPLICAS = 2;
/** A few looks of a balancer, so that it has noticed a replica that stops. */
const SHUTDOWN_DELAY_MS = 1_000;

export const mapRecord = <Name extends string, T>(names: readonly Name[], make: (name: Name) => T): Record<Name, T> =>
  Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, T>;

/** Every port of a cluster, settled before anything starts: each part is told of others that are not there yet. */
export type Layout = Awaited<ReturnType<typeof planPorts>>;

export async function planPorts() {
  const free = (await freePorts(SERVICES.length * (1 + REPLICAS * 3) + DATA_SERVICES.length * 4)).values();
  const port = () => free.next().value as number;
  return {
    balancer: mapRecord(SERVICES, port),
    /** Only those of profile listen on `grpc`; callers balance themselves. */
    replicas: mapRecord(SERVICES, () =>
      Array.from({ length: REPLICAS }, () => ({ http: port(), metrics: port(), grpc: port() })),
    ),
    /** Where the gateway finds a service: the link to the service's balancer. */
    serviceLink: mapRecord(DATA_SERVICES, port),
    postgresLink: mapRecord(DATA_SERVICES, port),
    kafkaLink: mapRecord(DATA_SERVICES, port),
    /** The broker's own port for the service behind that link. */
    kafkaListener: mapRecord(DATA_SERVICES, port),
  };
}

/** The environment of replica `index` of a service. `databaseUrl` is past the link. */
export function replicaEnv(
  name: ServiceName,
  index: number,
  { layout, jwtSecret, databaseUrl }: { layout: Layout; jwtSecret: string; databaseUrl(name: DataServiceName): string },
): Env {
  const { http = 0, metrics = 0, grpc = 0 } = layout.replicas[name][index] ?? {};
  const links = layout.serviceLink as Ports;
  const ports: Ports = { ...links, [name]: http, [`${name}-metrics`]: metrics, 'profile-grpc': grpc };
  const common = { INSTANCE_ID: `${name}-${index}`, SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS), BCRYPT_COST: '4' };
  if (name === 'gateway') return { ...gatewayEnv(ports, jwtSecret), ...common };
  const database = new URL(databaseUrl(name));
  database.port = String(layout.postgresLink[name]);
  const backing = { jwtSecret, databaseUrl: database.href, eventsUrl: `kafka://${HOST}:${layout.kafkaLink[name]}` };
  const targets = layout.replicas.profile.map((replica) => `${HOST}:${replica.grpc}`);
  return {
    ...dataServiceEnv(name, ports, backing),
    ...common,
    // People of a load change their avatars as often as they like.
    ...(name === 'profile' && { AVATAR_CHANGES_PER_HOUR: '10000' }),
    ...((name === 'chat' || name === 'feed') && { PROFILE_GRPC_TARGET: `ipv4:${targets.join(',')}` }),
  };
}
