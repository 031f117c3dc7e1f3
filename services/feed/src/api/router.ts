import { presentPage } from '@wave-connect/chassis/http/page.ts';
import { createRouter, type ServiceRoutes } from '@wave-connect/chassis/http/router.ts';
import type { PageQuery } from '@wave-connect/chassis/pagination.ts';
import { shareReads } from '@wave-connect/chassis/share-reads.ts';
import type { Comments } from '../domain/comments.ts';
import type { Publications } from '../domain/publications.ts';
import { presentComment, presentPublication } from './present.ts';

type Parts = { publications: Publications; comments: Comments };

export function createFeedRouter({ publications, comments }: Parts): ServiceRoutes {
  // The same for everybody, so what is asked at the same time is read and presented once.
  const list = shareReads(async (query: PageQuery) => presentPage(await publications.list(query), presentPublication));

  return createRouter('feed', {
    async createPublication({ caller, body }) {
      return { status: 201, body: presentPublication(await publications.publish(caller, body.text)) };
    },

    async listPublications({ query }) {
      return { status: 200, body: await list(query) };
    },

    async listUserPublications({ params, query }) {
      return { status: 200, body: presentPage(await publications.listOf(params.userID, query), presentPublication) };
    },

    async getPublication({ params }) {
      return { status: 200, body: presentPublication(await publications.describe(params.id)) };
    },

    async updatePublication({ caller, params, body }) {
      return { status: 200, body: presentPublication(await publications.rewrite(caller, params.id, body.text)) };
    },

    async deletePublication({ caller, params }) {
      await publications.delete(caller, params.id);
      return { status: 204 };
    },

    async createComment({ caller, params, body }) {
      return { status: 201, body: presentComment(await comments.add(caller, params.pubID, body.text)) };
    },

    async listComments({ params, query }) {
      return { status: 200, body: presentPage(await comments.list(params.pubID, query), presentComment) };
    },

    async deleteComment({ caller, params }) {
      await comments.remove(caller, params.id);
      return { status: 204 };
    },
  });
}
