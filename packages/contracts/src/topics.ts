import { z } from 'zod';

type TopicDefinition = {
  /** The service that publishes to it. */
  producer: string;
  /** The consumer groups that must see each of its events, whether they run at the moment or not. */
  groups: readonly string[];
  partitions: number;
  /** How long its events are kept, and on Kafka up to how many bytes of a partition: docs/data-retention.md. */
  retention: { ms: number; bytes: number };
  /** What an event's value holds. Consumers ignore fields that are not named here, so a producer may add some first. */
  payload: z.ZodType;
};

const PARTITIONS = 6;

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;
/** The time for which a consumer may be away and still gets every event. */
const CATCH_UP_MS = 7 * 24 * 60 * MINUTE_MS;

const userId = z.uuid();
const userEvent = z.object({ user_id: userId });

/** The topics that services publish to, by name. */
export const topics = {
  'user-registered': {
    producer: 'auth',
    groups: ['profile'],
    partitions: PARTITIONS,
    retention: { ms: CATCH_UP_MS, bytes: 128 * MIB },
    payload: userEvent,
  },
  'user-deleted': {
    producer: 'auth',
    groups: ['profile', 'feed', 'chat'],
    partitions: PARTITIONS,
    retention: { ms: CATCH_UP_MS, bytes: 128 * MIB },
    payload: userEvent,
  },
  'session-revoked': {
    producer: 'auth',
    groups: [],
    partitions: PARTITIONS,
    // For open sockets alone; a chat replica asks auth for what it has missed.
    retention: { ms: 15 * MINUTE_MS, bytes: 64 * MIB },
    payload: z.object({ user_id: userId, session_id: z.uuid() }),
  },
  'profile-updates': {
    producer: 'profile',
    groups: ['feed'],
    partitions: PARTITIONS,
    retention: { ms: CATCH_UP_MS, bytes: 256 * MIB },
    payload: z
      .object({
        user_id: userId,
        username: z.string().nullable(),
        bio: z.string(),
        /** Entity tag of the avatar, null without one. An event of the version before has `avatar` alone. */
        avatar_etag: z.string().nullable().optional(),
        /** For the version before, and its events that are still in the topic: null without an avatar, else base64, which may be empty. */
        avatar: z.base64().nullable().optional(),
      })
      .refine(({ avatar_etag, avatar }) => avatar_etag !== undefined || avatar !== undefined, {
        message: 'says nothing of the avatar',
      }),
  },
  'chat-messages': {
    producer: 'chat',
    groups: [],
    partitions: PARTITIONS,
    // Replicas take them at once or not at all: the messages themselves are rows of the producer.
    retention: { ms: 15 * MINUTE_MS, bytes: 64 * MIB },
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
