import { Kafka, type KafkaConfig as KafkaOptions, logLevel } from 'kafkajs';
import type { KafkaConfig, LateSecret } from '../../config/events.ts';
import { UnavailableError } from '../../errors.ts';
import type { Logger } from '../../observability/log.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Few retries inside the client: the relay and the consumers have loops of their own, which also log and count. */
const RETRY = { retries: 2, initialRetryTime: 200, maxRetryTime: 1_000 };

/** A file that is needed to log in is not there. The message says which, and shows in probes. */
export class MissingCredentialError extends UnavailableError {}

export type KafkaClient = {
  kafka: Kafka;
  /** @throws MissingCredentialError, so that a client need not try and be refused */
  requireCredentials(): void;
};

/** Whether the brokers respond to a new client, within the limits of its requests. */
export async function brokersRespond({ kafka }: KafkaClient): Promise<boolean> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

export function createKafkaClient(
  { brokers, tls, sasl }: KafkaConfig,
  { clientId, log }: { clientId: string; log: Logger },
): KafkaClient {
  const kafka = new Kafka({
    clientId,
    brokers,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: RETRY,
    ...(tls && { ssl: tls.ca === undefined ? true : trusting(tls.ca) }),
    ...(sasl && { sasl: loggingIn(sasl) }),
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, level, log: { message, error } }) => {
        // What fails is logged by the caller; the client's own lines only help to find out why.
        log.debug({ namespace, kafka_level: level, kafka_error: error }, `kafkajs: ${message}`);
      },
  });
  const needed: [string, LateSecret | undefined][] = [
    ['the certificate authority', tls?.ca],
    ['the user name', sasl?.username],
    ['the password', sasl?.password],
  ];
  return {
    kafka,
    requireCredentials() {
      const missing = needed.find(([, secret]) => secret !== undefined && secret.value() === undefined);
      if (missing) throw new MissingCredentialError(`${missing[0]} is not there yet`);
    },
  };
}

/** kafkajs takes these options for each connection anew, and so what the getter has at that time. */
const trusting = (ca: LateSecret): NonNullable<KafkaOptions['ssl']> => ({
  get ca() {
    return ca.value();
  },
});

/** kafkajs keeps this object, writes into it, and takes name and password from it at each login. */
const loggingIn = ({ mechanism, username, password }: NonNullable<KafkaConfig['sasl']>) =>
  ({
    mechanism,
    get username() {
      return username.value();
    },
    get password() {
      return password.value();
    },
  }) as NonNullable<KafkaOptions['sasl']>;
