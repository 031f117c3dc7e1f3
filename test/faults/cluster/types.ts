import type { KafkaBroker } from '@wave-connect/dev-env/kafka';
import type { PostgresServer } from '@wave-connect/dev-env/postgres';
import type { DataServiceName, Env, ServiceName, ServiceProcess } from '@wave-connect/dev-env/system';

/**
 * One process of a service, under the kubelet's eye: what ends by itself is started again; what a test has killed or
 * stopped stays down until its `restart`, which resolves once the process runs, ready or not.
 */
export type Replica = ServiceProcess<ServiceName> & {
  readonly index: number;
  /** As the logs call it: `auth[0]`. */
  readonly part: string;
  readonly metricsUrl: string;
};

/** A way between two parts that can be hurt. */
export type Link = {
  /** 'auth → postgres', 'gateway → chat', 'feed → kafka'. */
  readonly name: string;
  /** Each answer comes later by so many ms. */
  slow(latencyMs: number, jitterMs: number): Promise<void>;
  /** Breaks open connections and refuses new ones. */
  cut(): Promise<void>;
  /** Bytes vanish both ways, connections stay open; they break at `heal`, for their streams have holes. */
  hang(): Promise<void>;
  heal(): Promise<void>;
};

/** What some machines cannot do to a cluster. */
export type Ability = 'clock' | 'disk';
export type Unavailable = { what: Ability; why: string };

/** A start of a replica that nobody asked for. */
export type UnaskedRestart = { part: string; why: string };

export type ClusterOptions = {
  /** Processes of each service, 2 by default. */
  replicas?: number;
  /** Comes before all else that services are told: for every one, or for one by its name. */
  env?: Env;
  serviceEnv?: Partial<Record<ServiceName, Env>>;
  /**
   * The gateway reaches the services past the links, as over a network that nothing hurts. Toxiproxy ends both halves of
   * a connection where one ends, so that no close frame comes back once the gateway has ended its half.
   */
  pastServiceLinks?: boolean;
  /** `part` is 'auth[0]', 'postgres auth', 'kafka', 'toxiproxy', 'balancer auth' or 'kubelet'. */
  onLine?: (part: string, line: string) => void;
  /** Cuts a start short; what has come up so far is stopped. */
  signal?: AbortSignal;
};

export type Cluster = {
  /** Of the balancer in front of the gateway's replicas. */
  readonly url: string;
  readonly jwtSecret: string;
  readonly replicas: Readonly<Record<ServiceName, readonly Replica[]>>;
  /** A server for each service; a kill loses no commit. */
  readonly postgres: Readonly<Record<DataServiceName, PostgresServer>>;
  readonly kafka: KafkaBroker;
  readonly links: readonly Link[];
  /** @throws where there is no link of that name */
  link(name: string): Link;
  /** Past the links. */
  readonly eventsUrl: string;
  /** Past the links. */
  databaseUrl(service: DataServiceName): string;
  readonly unaskedRestarts: readonly UnaskedRestart[];
  /** Faults that cannot be brought about here. */
  readonly unavailable: readonly Unavailable[];
  /** Moves the replica's wall clock; it goes on from there, over restarts too, until it is set to 0. */
  setClock(replica: Replica, offsetSeconds: number): Promise<void>;
  /** Leaves no room on the disk of the service's Postgres. */
  fillDisk(service: DataServiceName): Promise<void>;
  /** Makes room again, and starts Postgres where it ended for want of it. */
  freeDisk(service: DataServiceName): Promise<void>;
  stop(): Promise<void>;
};
