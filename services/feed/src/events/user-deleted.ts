import { forgetKeys } from '@wave-connect/chassis/database';
import type { Erasures, TopicHandler } from '@wave-connect/chassis/events';
import type { Tables } from '../repository/store.ts';

/** Hides what a person left in the feed, for its erasure. */
export const onUserDeleted = (erasures: Erasures<Tables>): TopicHandler<'user-deleted'> =>
  erasures.handler(async ({ db, people }, userId) => {
    await forgetKeys(db, userId);
    await people.forget(userId);
  });
