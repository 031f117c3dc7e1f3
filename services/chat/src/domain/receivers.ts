import { NotFoundError } from '@wave-connect/chassis/errors';
import type { ProfileClient } from '@wave-connect/chassis/profile-client';
import { LRUCache } from 'lru-cache';
import type { Store } from '../repository/store.ts';

const MAX_KNOWN = 100_000;
/** The negative cache, and for how long, in ms, it keeps a person. */
const MAX_UNKNOWN = 10_000;
const UNKNOWN_FOR_MS = 10_000;
/**
 * The id of an account is a UUIDv7 of the time of its registration. Profile learns of an account by event, so one that is
 * younger than this may be missing there; the clock that made it may be ahead by the second.
 */
const NEWCOMER_MS = 15 * 60_000;
const CLOCK_AHEAD_MS = 60_000;

export type Receivers = ReturnType<typeof createReceivers>;

/** Who can be written to. A deleted account is not found here, but by its tombstone when the message is stored. */
export function createReceivers(
  { conversations }: Pick<Store, 'conversations'>,
  profiles: Pick<ProfileClient, 'find'>,
) {
  const known = new LRUCache<string, true>({ max: MAX_KNOWN });
  const unknown = new LRUCache<string, true>({ max: MAX_UNKNOWN, ttl: UNKNOWN_FOR_MS });
  const asking = new Map<string, Promise<boolean>>();

  /** First contacts of one person at the same time share one call. While profile is away, every id may be written to. */
  async function isUnknown(receiver: string): Promise<boolean> {
    if (unknown.has(receiver)) return true;
    const asked = asking.get(receiver) ?? ask(receiver);
    asking.set(receiver, asked);
    return asked;
  }

  async function ask(receiver: string): Promise<boolean> {
    try {
      const found = await profiles.find([receiver]);
      if (found === undefined) return false;
      if (found.length > 0) known.set(receiver, true);
      else if (!isNewcomer(receiver)) unknown.set(receiver, true);
      return unknown.has(receiver);
    } finally {
      asking.delete(receiver);
    }
  }

  return {
    /** @throws NotFoundError where `receiver` has never been a person */
    async assertExists(sender: string, receiver: string): Promise<void> {
      if (known.has(receiver)) return;
      if (await conversations.exists(sender, receiver)) known.set(receiver, true);
      else if (await isUnknown(receiver)) throw unknownReceiver();
    },
  };
}

/** `id` is a UUID in lower case (RFC 9562, section 5.7). */
function isNewcomer(id: string): boolean {
  if (id[14] !== '7') return false;
  const age = Date.now() - Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  return age < NEWCOMER_MS && age > -CLOCK_AHEAD_MS;
}

const unknownReceiver = () => new NotFoundError('There is no such person to write to.');
