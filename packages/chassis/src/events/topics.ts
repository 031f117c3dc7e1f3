import { z } from 'zod';

/** A topic, and the consumer groups that must see each of its events, whether they run at the moment or not. */
export type Topic = { name: string; partitions: number; groups: readonly string[] };

const PARTITIONS = 6;

/** Every topic of the system. */
export const TOPICS: readonly Topic[] = [
  { name: 'user-registered', partitions: PARTITIONS, groups: ['profile'] },
  { name: 'user-deleted', partitions: PARTITIONS, groups: ['profile', 'feed', 'chat'] },
  { name: 'profile-updates', partitions: PARTITIONS, groups: ['feed'] },
  { name: 'chat-messages', partitions: PARTITIONS, groups: [] },
];

export const TOPIC_NAMES: readonly string[] = TOPICS.map(({ name }) => name);

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
