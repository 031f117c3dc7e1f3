import type { DataServiceName } from '@wave-connect/dev-env/service-settings.ts';

/** What load and audit need of a running system. Databases and events are reached past whatever disturbs the services. */
export type Target = {
  /** Of the gateway. */
  readonly url: string;
  /** As EVENTS_URL takes it, of Kafka. */
  readonly eventsUrl: string;
  databaseUrl(service: DataServiceName): string;
};
