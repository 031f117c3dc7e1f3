import { isDeleted } from '@wave-connect/chassis/database';
import { onceOnly, type TopicHandler } from '@wave-connect/chassis/events';
import type { Store } from '../repository/store.ts';

/** Keeps the bylines of publications and comments up to date. */
export const onProfileUpdate = (store: Store): TopicHandler<'profile-updates'> =>
  onceOnly(store.transaction, async ({ db, authors }, { user_id, username, avatar_etag, avatar }, { sequence }) => {
    if (await isDeleted(db, user_id)) return;
    const hasAvatar = (avatar_etag ?? avatar ?? null) !== null;
    const avatarUrl = hasAvatar ? `/api/profile/avatar/${user_id}` : null;
    await authors.save({ userId: user_id, username, avatarUrl }, BigInt(sequence));
  });
