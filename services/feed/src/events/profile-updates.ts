import { isDeleted } from '@wave-connect/chassis/database/deleted-accounts.ts';
import { onceOnly } from '@wave-connect/chassis/events/inbox.ts';
import type { TopicHandler } from '@wave-connect/chassis/events/topic-handlers.ts';
import { type Store, tablesIn } from '../repository/store.ts';

/** Keeps the bylines of publications and comments up to date. */
export const onProfileUpdate = (store: Store): TopicHandler<'profile-updates'> =>
  onceOnly(store.transaction, async (tx, { user_id, username, avatar }, { sequence }) => {
    if (await isDeleted(tx, user_id)) return;
    const avatarUrl = avatar === null ? null : `/api/profile/avatar/${user_id}`;
    await tablesIn(tx).authors.save({ userId: user_id, username, avatarUrl }, BigInt(sequence));
  });
