import { type Admin, Kafka, logLevel } from 'kafkajs';

const REQUEST_TIMEOUT_MS = 10_000;

/** A client for the auditor, past all that is done to the services' clients. */
export const auditorsKafka = (eventsUrl: string): Kafka =>
  new Kafka({
    clientId: 'audit',
    brokers: eventsUrl.replace('kafka://', '').split(','),
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.NOTHING,
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
