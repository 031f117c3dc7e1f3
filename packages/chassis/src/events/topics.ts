import { TOPIC_NAMES, topics } from '@wave-connect/contracts/topics.ts';

/** A topic as a bus has it, and the consumer groups that must see each of its events. */
export type Topic = { name: string; partitions: number; groups: readonly string[] };

const DLQ_SUFFIX = '.dlq';

/** Who looks after the dead letters. */
export const OPERATOR_GROUP = 'operator';

/** Where events go whose handler keeps failing. */
export const deadLetterTopic = (topic: string) => `${topic}${DLQ_SUFFIX}`;

/** Every topic of the system, the dead-letter ones included. */
export const TOPICS: readonly Topic[] = [
  ...TOPIC_NAMES.map((name) => ({ name, partitions: topics[name].partitions, groups: topics[name].groups })),
  ...TOPIC_NAMES.map((name) => ({ name: deadLetterTopic(name), partitions: 1, groups: [OPERATOR_GROUP] })),
];
