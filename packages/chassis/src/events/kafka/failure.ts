import { UnavailableError } from '../../errors.ts';
import { MissingCredentialError } from './client.ts';

/**
 * Why a Kafka client does not work. `away`: no broker responds or leads. `unmet`: something that it needs is not there or
 * not granted, and a new process would need it too. `broken`: the brokers respond, and it does not work all the same.
 */
export type KafkaFailure = { kind: 'away' | 'unmet' | 'broken'; reason: string };

const AWAY_ERRORS = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
]);

const AWAY_TYPES = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REQUEST_TIMED_OUT',
  'BROKER_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'KAFKA_STORAGE_ERROR',
]);

const NO_TOPIC = 'UNKNOWN_TOPIC_OR_PARTITION';
const REFUSED_LOGIN = 'KafkaJSSASLAuthenticationError';
const NOT_ALLOWED = /^(TOPIC|GROUP|CLUSTER)_AUTHORIZATION_FAILED$/;
/** Codes of OpenSSL and Node.js for a certificate that is not trusted, not of that host or not valid now. */
const CERTIFICATE =
  /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_|ERR_TLS_CERT_ALTNAME_INVALID)/;

/** Judges what a client failed with. kafkajs wraps the brokers' responses, so it looks through the causes. */
export function describeKafkaFailure(error: unknown): KafkaFailure {
  const causes = [...causesOf(error)];
  const missing = causes.find((each) => each instanceof MissingCredentialError);
  if (missing !== undefined) return { kind: 'unmet', reason: missing.message };
  const [types, names, codes] = (['type', 'name', 'code'] as const).map((part) =>
    causes.map((each) => each[part]).filter((value) => typeof value === 'string'),
  ) as [string[], string[], string[]];
  if (codes.some((code) => CERTIFICATE.test(code))) {
    return { kind: 'unmet', reason: 'the certificate of the brokers is not trusted' };
  }
  if (names.includes(REFUSED_LOGIN)) return { kind: 'unmet', reason: 'the brokers refuse the login' };
  const isAway =
    types.some((type) => AWAY_TYPES.has(type)) ||
    names.some((name) => AWAY_ERRORS.has(name)) ||
    causes.some((each) => each instanceof UnavailableError);
  if (isAway) return { kind: 'away', reason: 'the brokers do not respond' };
  if (types.includes(NO_TOPIC)) return { kind: 'unmet', reason: 'its topics are not all there' };
  const right = types.find((type) => NOT_ALLOWED.test(type));
  if (right !== undefined) return { kind: 'unmet', reason: `it lacks a right: ${right}` };
  return { kind: 'broken', reason: `its client fails with ${types.at(-1) ?? names.at(-1) ?? 'an unknown error'}` };
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** Whether the brokers refused to store a batch for its size. */
export const isTooLarge = (error: unknown): boolean =>
  [...causesOf(error)].some(({ type }) => typeof type === 'string' && TOO_LARGE.has(type));

const MAX_CAUSES = 5;

type Cause = Error & { type?: unknown; code?: unknown };

function* causesOf(error: unknown): Generator<Cause> {
  let each = error;
  for (let depth = 0; each instanceof Error && depth <= MAX_CAUSES; depth += 1) {
    yield each;
    each = each.cause;
  }
}
