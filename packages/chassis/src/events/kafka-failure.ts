/**
 * Why a Kafka consumer does not consume: no broker answers or leads, its topics are not there yet, or the brokers
 * answer and it does not consume all the same.
 */
export type KafkaFailure = { kind: 'away' | 'no topic' | 'refused'; reason: string };

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

/** Judges what a client crashed with. kafkajs wraps the brokers' answers, so it looks through the causes. */
export function describeKafkaFailure(error: unknown): KafkaFailure {
  const causes = [...causesOf(error)];
  const types = causes.map(({ type }) => type).filter((type) => typeof type === 'string');
  const names = causes.map(({ name }) => name).filter((name) => typeof name === 'string');
  if (types.some((type) => AWAY_TYPES.has(type)) || names.some((name) => AWAY_ERRORS.has(name))) {
    return { kind: 'away', reason: 'the brokers do not answer' };
  }
  if (types.includes(NO_TOPIC)) return { kind: 'no topic', reason: 'its topics are not all there' };
  return { kind: 'refused', reason: `its client fails with ${types.at(-1) ?? names.at(-1) ?? 'an unknown error'}` };
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** Whether the brokers refused to store a batch for its size. */
export const isTooLarge = (error: unknown): boolean =>
  [...causesOf(error)].some(({ type }) => typeof type === 'string' && TOO_LARGE.has(type));

const MAX_CAUSES = 5;

function* causesOf(error: unknown): Generator<{ name?: unknown; type?: unknown; cause?: unknown }> {
  let each = error;
  for (let depth = 0; each instanceof Error && depth <= MAX_CAUSES; depth += 1) {
    yield each;
    each = each.cause;
  }
}
