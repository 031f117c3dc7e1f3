import { createServiceApp } from '@wave-connect/chassis/http/app.ts';
import { createBase, type Overrides, type Service } from '@wave-connect/chassis/service/base.ts';
import { createRouter } from './api/router.ts';
import type { FeedConfig } from './config.ts';
import { createComments } from './domain/comments.ts';
import { createPublications } from './domain/publications.ts';
import { onProfileUpdate } from './events/profile-updates.ts';
import { onUserDeleted } from './events/user-deleted.ts';
import { prismaDir } from './repository/client.ts';
import { createStore } from './repository/store.ts';

export function createFeed(config: FeedConfig, overrides: Overrides = {}): Service {
  const base = createBase('feed', config, prismaDir, overrides);
  const store = createStore(base.pool);
  const router = createRouter({ publications: createPublications(store), comments: createComments(store) });

  base.consume({
    'profile-updates': onProfileUpdate(store),
    'user-deleted': onUserDeleted(store),
  });
  return base.serve(createServiceApp({ ...base, prefix: '/api/feed', router }), { publishes: false });
}
