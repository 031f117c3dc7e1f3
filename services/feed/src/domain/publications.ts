import type { Idempotency, Responded } from '@wave-connect/chassis/database';
import { ForbiddenError, NotFoundError } from '@wave-connect/chassis/errors';
import { type Page, type PageQuery, readPage } from '@wave-connect/chassis/pagination';
import type { ListedPublication } from '../repository/publication-lists.ts';
import type { Publication } from '../repository/publications.ts';
import type { Store, Tables } from '../repository/store.ts';
import { type Authored, type Authors, type Present, readByline, withAuthor, withMissing } from './authors.ts';

type ReadList = (before: string | undefined, take: number) => Promise<ListedPublication[]>;

export type Publications = ReturnType<typeof createPublications>;

/** Publishing, and reading what others have published. */
export function createPublications(store: Store, authors: Authors) {
  const { publications, lists } = store;

  async function page(query: PageQuery, read: ReadList): Promise<Page<Authored<Publication>>> {
    const listed = await readPage(query, read, idOf, (publication) => publication);
    return { ...listed, items: await withMissing(authors, listed.items) };
  }

  return {
    /** `present` makes the response's body, which a repeated request gets again. */
    async publish<Body>(
      caller: string,
      text: string,
      { idempotency, present }: { idempotency: Idempotency | undefined; present: Present<Publication, Body> },
    ): Promise<Responded<Body>> {
      const author = await readByline(authors, caller);
      return store.writeOnce(caller, idempotency, async (tables) =>
        present({ ...(await tables.publications.insert({ userId: caller, text })), author }),
      );
    },

    async describe(id: string): Promise<Authored<Publication>> {
      const publication = await publications.find(id);
      return withAuthor(authors, publication ?? refuse());
    },

    list: (query: PageQuery): Promise<Page<Authored<Publication>>> => page(query, lists.all),

    listOf: (userId: string, query: PageQuery): Promise<Page<Authored<Publication>>> =>
      page(query, (before, take) => lists.of(userId, before, take)),

    async rewrite(caller: string, id: string, text: string): Promise<Authored<Publication>> {
      const author = await readByline(authors, caller);
      const publication = await store.writeAs(caller, async (tables) => {
        await lockOwn(tables, caller, id);
        await tables.publications.setText(id, text);
        return (await tables.publications.find(id)) ?? refuse();
      });
      return { ...publication, author };
    },

    delete: (caller: string, id: string): Promise<void> =>
      store.writeAs(caller, async (tables) => {
        await lockOwn(tables, caller, id);
        await tables.publications.delete(id);
      }),
  };
}

const idOf = ({ id }: Publication) => id;

async function lockOwn({ publications }: Tables, caller: string, id: string): Promise<void> {
  const publication = await publications.lock(id);
  if (!publication) throw unknownPublication();
  if (publication.userId !== caller) throw new ForbiddenError('Only its author may change a publication.');
}

export const unknownPublication = () => new NotFoundError('There is no such publication.');

function refuse(): never {
  throw unknownPublication();
}
