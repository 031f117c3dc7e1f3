import { z } from 'zod';

type TopicDefinition = {
  /** The service that publishes to it. */
  producer: string;
  /** The consumer groups that must see each of its events, whether they run at the moment or not. */
  groups: readonly string[];
  partitions: number;
  /** What an event's value holds. Consumers ignore fields that are not named here, so a producer may add some first. */
  payload: z.ZodType;
};

const PARTITIONS = 6;

const userId = z.uuid();
const userEvent = z.object({ user_id: userId });

/** The topics that services publish to, by name. */
export const topics = {
  'user-registered': { producer: 'auth', groups: ['profile'], partitions: PARTITIONS, payload: userEvent },
  'user-deleted': {
    producer: 'auth',
    groups: ['profile', 'feed', 'chat'],
    partitions: PARTITIONS,
    payload: userEvent,
  },
  'profile-updates': {
    producer: 'profile',
    groups: ['feed'],
    partitions: PARTITIONS,
    payload: z.object({
      user_id: userId,
      username: z.string().nullable(),
      bio: z.string(),
      /** Base64. */
      avatar: z.base64().nullable(),
    }),
  },
  'chat-messages': {
    producer: 'chat',
    groups: [],
    partitions: PARTITIONS,
    payload: z.object({
      id: z.uuid(),
      text: z.string(),
      sender: userId,
      receiver: userId,
      time_sent: z.iso.datetime(),
    }),
  },
} as const satisfies Record<string, TopicDefinition>;

export type TopicName = keyof typeof topics;

/** The value of each topic's events. */
export type Payloads = { [Topic in TopicName]: z.infer<(typeof topics)[Topic]['payload']> };

export const isTopicName = (name: string): name is TopicName => Object.hasOwn(topics, name);

export const TOPIC_NAMES: readonly TopicName[] = Object.keys(topics).filter(isTopicName);
