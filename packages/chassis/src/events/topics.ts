import { TOPIC_NAMES, topics } from '@wave-connect/contracts/topics.ts';

type Retention = { ms: number; bytes: number };

/** A topic as a bus has it, and the consumer groups that must see each of its events. */
export type Topic = {
  name: string;
  partitions: number;
  groups: readonly string[];
  producer?: string;
  retention?: Retention;
};

/** Every topic of the system. */
export const TOPICS: readonly Topic[] = TOPIC_NAMES.map((name) => ({
  name,
  partitions: topics[name].partitions,
  groups: topics[name].groups,
  producer: topics[name].producer,
  retention: topics[name].retention,
}));

/** Kafka deletes whole segments, and never the one that it writes to: retention is exact up to one of so many parts. */
const SEGMENTS = 4;

/** The topics as Kafka has them, with the settings by which their retention holds. */
export const KAFKA_TOPICS = TOPIC_NAMES.map((name) => {
  const { partitions, retention } = topics[name];
  const { ms, bytes }: Retention = retention;
  return {
    name,
    partitions,
    config: {
      'retention.ms': ms,
      'retention.bytes': bytes,
      'segment.ms': ms / SEGMENTS,
      'segment.bytes': bytes / SEGMENTS,
    },
  };
});
