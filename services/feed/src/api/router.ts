import type { Responded } from '@wave-connect/chassis/database';
import { createRouter, type ServiceRoutes } from '@wave-connect/chassis/http/app';
import { type PageQuery, presentPage } from '@wave-connect/chassis/pagination';
import type { Comments } from '../domain/comments.ts';
import type { Publications } from '../domain/publications.ts';
import { singleFlight } from '../domain/single-flight.ts';
import { presentComment, presentPublication } from './present.ts';

type Parts = { publications: Publications; comments: Comments };

export function createFeedRouter({ publications, comments }: Parts): ServiceRoutes {
  // The same for all callers, so concurrent requests for one page read and present it once.
  const list = singleFlight(async (query: PageQuery) =>
    presentPage(await publications.list(query), presentPublication),
  );

  return createRouter('feed', {
    async createPublication({ caller, body, idempotency }) {
      const responding = { idempotency, present: presentPublication };
      return created(await publications.publish(caller, body.text, responding));
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

    async createComment({ caller, params: { pubID: pubId }, body: { text }, idempotency }) {
      return created(await comments.add(caller, { pubId, text }, { idempotency, present: presentComment }));
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

const created = <Body>({ body, replayed }: Responded<Body>) => ({
  status: 201 as const,
  ...(replayed && { headers: { 'Idempotency-Replayed': 'true' as const } }),
  body,
});
