import { keyPruning } from '@wave-connect/chassis/database';
import { createErasures } from '@wave-connect/chassis/events';
import { createServiceApp } from '@wave-connect/chassis/http/app';
import { createProfileClient } from '@wave-connect/chassis/profile-client';
import { createBase, type Overrides, type Service } from '@wave-connect/chassis/service/base';
import { createFeedRouter } from './api/router.ts';
import type { FeedConfig } from './config.ts';
import { createAuthors } from './domain/authors.ts';
import { createComments } from './domain/comments.ts';
import { createMissingAuthors, toAuthor } from './domain/missing-authors.ts';
import { createPublications } from './domain/publications.ts';
import { onProfileUpdate } from './events/profile-updates.ts';
import { onUserDeleted } from './events/user-deleted.ts';
import { prismaDir } from './repository/client.ts';
import { createStore } from './repository/store.ts';

export function createFeed(config: FeedConfig, overrides: Overrides = {}): Service {
  const base = createBase('feed', config, prismaDir, overrides);
  const store = createStore(base.pool);
  const profiles = createProfileClient(config.profiles, base);
  const missing = createMissingAuthors({
    ask: async (ids) => (await profiles.find(ids))?.map(toAuthor),
    keep: (found) => store.transaction(({ authors }) => authors.saveAll(found)),
    onKeepFailure: (error) => base.log.warn({ err: error }, 'authors could not be stored'),
  });
  const authors = createAuthors(store.authors, missing);
  const routes = createFeedRouter({
    publications: createPublications(store, authors),
    comments: createComments(store, authors),
  });
  const erasures = createErasures(
    {
      transaction: store.transaction,
      eraseBatch: ({ people }, userId, rows) => people.eraseBatch(userId, rows),
      batchRows: config.erasureBatchRows,
    },
    base,
  );

  base.consume({
    'profile-updates': onProfileUpdate(store),
    'user-deleted': onUserDeleted(erasures),
  });
  return base.serve(createServiceApp({ ...base, ...routes }), {
    parts: [
      erasures,
      keyPruning(base.pool, base.log),
      { name: 'profiles', stop: () => missing.settled().finally(profiles.close) },
    ],
  });
}
