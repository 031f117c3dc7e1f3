import type { EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import pg from 'pg';
import type { EventsConfig, KafkaConfig } from '../config/events.ts';
import { UnavailableError } from '../errors.ts';
import { consumerName, type Database, messageToDeadLetter, type NewDeadLetter } from '../events/dead-letters.ts';
import { type Event, type Message, toMessage } from '../events/event.ts';
import { createKafkaClient } from '../events/kafka/client.ts';
import { TOPICS } from '../events/topics.ts';
import { createLogger } from '../observability/log.ts';
import { UUID } from './operations.ts';

const SUFFIX = '.dlq';
/** How long it may take to join, or until the next batch comes. */
const IDLE_MS = 30_000;
const MAX_WAIT_MS = 100;

/** A letter as earlier versions stored it: a message on a topic of its own, whose headers say why and by whom. */
type OldLetter = { topic: string; message: Message; place: string; failedAt: Date };

/**
 * Takes over what earlier versions left for this service on topics named `<topic>.dlq`, or on such queues of the Postgres
 * bus. Letters that are here already, and events that have taken effect or were discarded since, are left out, so
 * it may be done again.
 * @returns how many letters are new
 */
export async function importDeadLetters(database: Database, service: string, events: EventsConfig): Promise<number> {
  let imported = 0;
  const take = async (old: OldLetter) => {
    const letter = toNewLetter(service, old);
    if (letter) imported += await insert(database, letter, old.failedAt);
  };
  if (events.kind === 'kafka') await readTopics(events, service, take);
  else await readQueues(events.url.value(), take);
  return imported;
}

/** Undefined where the letter is another service's. */
function toNewLetter(service: string, { topic, message, place }: OldLetter): NewDeadLetter | undefined {
  const { dlq_group, dlq_error, dlq_attempts, ...headers } = message.headers ?? {};
  if (String(dlq_group) !== service) return undefined;
  // No group of its own must see this topic, so it was consumed by each replica for itself.
  const ephemeral = !TOPICS.some(({ name, groups }) => name === topic && groups.includes(service));
  return messageToDeadLetter(
    topic,
    String(headers.ce_id ?? ''),
    { ...message, headers, place },
    { group: consumerName(service, ephemeral), error: String(dlq_error), attempts: Number(dlq_attempts) },
  );
}

async function insert(database: Database, letter: NewDeadLetter, failedAt: Date): Promise<number> {
  const { group, topic, id, key, value, headers, place, error, attempts } = letter;
  const { rowCount } = await database.query(
    `INSERT INTO dead_letters (consumer_group, topic, event_id, key, value, headers, place, error, attempts,
                               first_failed_at, last_failed_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::timestamptz, $10::timestamptz
      WHERE NOT EXISTS (SELECT FROM processed_events WHERE event_id = $11::uuid)
     ON CONFLICT DO NOTHING`,
    [group, topic, id, key, value, headers, place, error, attempts, failedAt, UUID.test(id) ? id : null],
  );
  return rowCount ?? 0;
}

async function readQueues(url: string, take: (old: OldLetter) => Promise<void>): Promise<void> {
  type Job = { name: string; id: string; event: Event & { deadLetter?: object }; created_on: Date };
  const bus = new pg.Client({ connectionString: url });
  await bus.connect();
  try {
    const { rows } = await bus.query<Job>(
      `SELECT name, id, data -> 'event' AS event, created_on FROM events.job
        WHERE name LIKE '%${SUFFIX}/operator' AND state < 'completed' ORDER BY created_on, id`,
    );
    for (const { name, id, event, created_on } of rows) {
      const { group, error, attempts } = { ...event.deadLetter } as Record<string, unknown>;
      const message = toMessage(event);
      const headers = { ...message.headers, dlq_group: `${group}`, dlq_error: `${error}`, dlq_attempts: `${attempts}` };
      const topic = name.slice(0, name.indexOf(SUFFIX));
      await take({ topic, message: { ...message, headers }, place: id, failedAt: created_on });
    }
  } finally {
    await bus.end();
  }
}

/** Reads the topics from their beginnings to their ends as they are now, and commits nothing. */
async function readTopics(
  config: KafkaConfig,
  service: string,
  take: (old: OldLetter) => Promise<void>,
): Promise<void> {
  const clientId = `${service}.import`;
  const client = createKafkaClient(config, { clientId, log: createLogger('dead-letters', 'silent') });
  client.requireCredentials();
  const { kafka } = client;
  const unread = await findEnds(kafka);
  if (unread.size === 0) return;
  // A name that a replica's own group could have, for brokers that let a service into such groups alone.
  const consumer = kafka.consumer({
    groupId: `${service}.${clientId}`,
    maxWaitTimeInMs: MAX_WAIT_MS,
    allowAutoTopicCreation: false,
  });
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  done.catch(() => {});
  const idle = setTimeout(() => reject(new UnavailableError('Kafka did not respond in time')), IDLE_MS);
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) reject(error);
  });

  async function read({ batch, heartbeat }: EachBatchPayload): Promise<void> {
    const name = `${batch.topic}/${batch.partition}`;
    const end = unread.get(name);
    if (end === undefined) return;
    idle.refresh();
    for (const message of batch.messages) {
      await take(toOldLetter(batch, message));
      await heartbeat();
    }
    if (Number(batch.lastOffset()) >= end - 1) unread.delete(name);
    if (unread.size === 0) resolve();
  }

  try {
    await consumer.connect();
    const topics = [...new Set([...unread.keys()].map((name) => name.slice(0, name.indexOf('/'))))];
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => read(payload).catch(reject) });
    await done;
  } finally {
    clearTimeout(idle);
    await consumer.disconnect();
  }
}

const toOldLetter = ({ topic, partition }: EachBatchPayload['batch'], message: KafkaMessage): OldLetter => ({
  topic: topic.slice(0, -SUFFIX.length),
  message,
  place: `${topic} ${partition}@${message.offset}`,
  failedAt: new Date(Number(message.timestamp)),
});

/** Where those partitions end that hold something; without the topics that are not there, or not for this service. */
async function findEnds(kafka: Kafka): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = await admin.listTopics();
    for (const topic of TOPICS.map(({ name }) => `${name}${SUFFIX}`).filter((name) => there.includes(name))) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (Number(high) > Number(low)) ends.set(`${topic}/${partition}`, Number(high));
      }
    }
  } finally {
    await admin.disconnect();
  }
  return ends;
}
