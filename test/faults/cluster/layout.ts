import { freePorts } from '@wave-connect/dev-env/machine';
import { DATA_SERVICES, type DataServiceName, SERVICES, type ServiceName } from '@wave-connect/dev-env/system';

/** Every port of a cluster, settled before anything starts: each part is told of others that are not there yet. */
export type Layout = {
  balancer: Record<ServiceName, number>;
  replica: Record<ServiceName, readonly { port: number; metricsPort: number }[]>;
  /** Where each replica of profile answers gRPC, which callers balance themselves. */
  profileGrpc: readonly number[];
  /** Where the gateway finds a service: the link to the service's balancer. */
  serviceLink: Record<DataServiceName, number>;
  postgresLink: Record<DataServiceName, number>;
  kafkaLink: Record<DataServiceName, number>;
  /** The broker's own port for the service behind that link. */
  kafkaListener: Record<DataServiceName, number>;
};

export async function planPorts(replicas: number): Promise<Layout> {
  const free = (await freePorts(SERVICES.length * (1 + 2 * replicas) + replicas + DATA_SERVICES.length * 4)).values();
  const port = () => free.next().value as number;
  const each = <Name extends string, T>(names: readonly Name[], make: () => T) =>
    Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, T>;
  return {
    balancer: each(SERVICES, port),
    replica: each(SERVICES, () => Array.from({ length: replicas }, () => ({ port: port(), metricsPort: port() }))),
    profileGrpc: Array.from({ length: replicas }, port),
    serviceLink: each(DATA_SERVICES, port),
    postgresLink: each(DATA_SERVICES, port),
    kafkaLink: each(DATA_SERVICES, port),
    kafkaListener: each(DATA_SERVICES, port),
  };
}
