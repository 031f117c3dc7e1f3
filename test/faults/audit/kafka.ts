import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { Target } from '../load/target.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** A client for the auditor, past all that is done to the services' clients. */
export const auditorsKafka = ({
  eventsUrl,
  kafkaClient: { sasl, ...rest } = {},
}: Pick<Target, 'eventsUrl' | 'kafkaClient'>): Kafka =>
  new Kafka({
    clientId: 'audit',
    brokers: eventsUrl.replace('kafka://', '').split(','),
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.NOTHING,
    ...rest,
    // A copy, because kafkajs writes into it.
    ...(sasl && { sasl: { ...sasl } }),
  });

export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
