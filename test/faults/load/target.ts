import type { DataServiceName } from '@wave-connect/dev-env/system';
import type { KafkaConfig } from 'kafkajs';

/** What load and audit need of a running system. Databases and events are reached past whatever disturbs the services. */
export type Target = {
  /** Of the gateway. */
  readonly url: string;
  /** As EVENTS_URL takes it, of Kafka. */
  readonly eventsUrl: string;
  /** How else the brokers are spoken to; in the clear unless set. */
  readonly kafkaClient?: Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'>;
  databaseUrl(service: DataServiceName): string;
};
