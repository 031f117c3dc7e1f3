import type { Idempotency, Responded } from '@wave-connect/chassis/database';
import { ForbiddenError, NotFoundError } from '@wave-connect/chassis/errors';
import type { Page, PageQuery } from '@wave-connect/chassis/pagination';
import type { Comment } from '../repository/comments.ts';
import type { Store } from '../repository/store.ts';
import { type Authored, type Authors, type Present, readAuthoredPage, readByline } from './authors.ts';
import { unknownPublication } from './publications.ts';

export type Comments = ReturnType<typeof createComments>;

/** What people say below a publication. */
export function createComments(store: Store, authors: Authors) {
  return {
    /** `present` makes the response's body, which a repeated request gets again. */
    async add<Body>(
      caller: string,
      { pubId, text }: { pubId: string; text: string },
      { idempotency, present }: { idempotency: Idempotency | undefined; present: Present<Comment, Body> },
    ): Promise<Responded<Body>> {
      const author = await readByline(authors, caller);
      return store.writeOnce(caller, idempotency, async ({ publications, comments }) => {
        if (!(await publications.countComments(pubId, 1))) throw unknownPublication();
        return present({ ...(await comments.insert({ pubId, userId: caller, text })), author });
      });
    },

    async list(pubId: string, query: PageQuery): Promise<Page<Authored<Comment>>> {
      if (!(await store.publications.find(pubId))) throw unknownPublication();
      return readAuthoredPage(authors, query, (after, take) => store.comments.listOn(pubId, after, take));
    },

    /** The author of a publication decides what stands below it, as each author of a comment does. */
    remove: (caller: string, id: string): Promise<void> =>
      store.writeAs(caller, async ({ publications, comments }) => {
        const comment = await comments.find(id);
        const publication = comment && (await publications.lock(comment.pubId));
        if (!comment || !publication) throw unknownComment();
        if (caller !== comment.userId && caller !== publication.userId) {
          throw new ForbiddenError("Only its author or the publication's may delete a comment.");
        }
        if (!(await comments.delete(id))) throw unknownComment();
        await publications.countComments(comment.pubId, -1);
      }),
  };
}

const unknownComment = () => new NotFoundError('There is no such comment.');
