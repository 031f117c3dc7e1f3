import { TOPIC_NAMES, topics } from '@wave-connect/contracts/topics.ts';

/** A topic as a bus has it, and the consumer groups that must see each of its events. */
export type Topic = { name: string; partitions: number; groups: readonly string[] };

/** Every topic of the system. */
export const TOPICS: readonly Topic[] = TOPIC_NAMES.map((name) => ({
  name,
  partitions: topics[name].partitions,
  groups: topics[name].groups,
}));
