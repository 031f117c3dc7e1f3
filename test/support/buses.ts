import { testKafkaUnavailable } from '@wave-connect/dev-env/testing';

/** The two buses on which the whole system is tried, and why one is left out. */
export const BUSES = [
  { bus: 'Postgres', kafka: false, skip: false },
  { bus: 'Kafka', kafka: true, skip: testKafkaUnavailable() ?? false },
] as const;

/** How long a test waits for what events bring about. */
export const EVENTUALLY = { deadlineMs: 60_000 };
