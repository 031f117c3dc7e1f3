import type { SqlExecutor } from '@wave-connect/chassis/database';
import { appendToOutbox } from '@wave-connect/chassis/events';

type State = { id: string; username: string | null; bio: string; avatar: Uint8Array | null };

/** Tells of a profile's state after a change, in the transaction of the change. Returns the event's sequence. */
export const appendProfileUpdate = (tx: SqlExecutor, { id, username, bio, avatar }: State): Promise<bigint> =>
  appendToOutbox(tx, {
    type: 'profile-updates',
    aggregateType: 'profile',
    aggregateId: id,
    payload: { user_id: id, username, bio, avatar: avatar && Buffer.from(avatar).toString('base64') },
  });
