import { z } from 'zod';

/** A topic, and the consumer groups that must see each of its events, whether they run at the moment or not. */
export type Topic = { name: string; partitions: number; groups: readonly string[] };

const DLQ_SUFFIX = '.dlq';
const PARTITIONS = 6;

/** Who looks after the dead letters. */
export const OPERATOR_GROUP = 'operator';

/** Where events go whose handler keeps failing. */
export const deadLetterTopic = (topic: string) => `${topic}${DLQ_SUFFIX}`;

const SOURCES: Topic[] = [
  { name: 'user-registered', partitions: PARTITIONS, groups: ['profile'] },
  { name: 'user-deleted', partitions: PARTITIONS, groups: ['profile', 'feed', 'chat'] },
  { name: 'profile-updates', partitions: PARTITIONS, groups: ['feed'] },
  { name: 'chat-messages', partitions: PARTITIONS, groups: [] },
];

/** The topics that services publish to. */
export const TOPIC_NAMES: readonly string[] = SOURCES.map(({ name }) => name);

/** Every topic of the system, the dead-letter ones included. */
export const TOPICS: readonly Topic[] = [
  ...SOURCES,
  ...SOURCES.map(({ name }) => ({ name: deadLetterTopic(name), partitions: 1, groups: [OPERATOR_GROUP] })),
];

const userId = z.uuid();

export const UserEvent = z.object({ user_id: userId });
export const ProfileUpdate = z.object({
  user_id: userId,
  username: z.string().nullable(),
  bio: z.string(),
  /** Base64. */
  avatar: z.base64().nullable(),
});
export const ChatMessage = z.object({
  id: z.uuid(),
  text: z.string(),
  sender: userId,
  receiver: userId,
  time_sent: z.iso.datetime(),
});

/** The value of each topic's events. */
export type Payloads = {
  'user-registered': z.infer<typeof UserEvent>;
  'user-deleted': z.infer<typeof UserEvent>;
  'profile-updates': z.infer<typeof ProfileUpdate>;
  'chat-messages': z.infer<typeof ChatMessage>;
};
