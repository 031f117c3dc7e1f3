import type { Random } from '../random.ts';
import type { Book } from './book.ts';
import type { ChatClient } from './chat-client.ts';
import type { HttpClient } from './http-client.ts';
import type { Participant } from './ledger.ts';

export type Person = Participant & {
  chat: ChatClient;
  /** Versions of the profile that were tried so far. */
  version: number;
  hasProfile: boolean;
  posts: Post[];
};

/** `going` once somebody has tried to delete it. */
export type Post = { id: string; marker: string; by: Person; going: boolean };
type Comment = { id: string; by: Person; post: Post; going: boolean };

/** What the people of a load know of one another. */
export type Scene = {
  url: string;
  http: HttpClient;
  random: Random;
  book: Book;
  /** Those who have not left. */
  people: Person[];
  posts: Post[];
  comments: Comment[];
};

/** People talk of what is new. */
const REMEMBERED = 200;

export function remember<T>(known: T[], fresh: T): void {
  known.push(fresh);
  if (known.length > REMEMBERED) known.shift();
}

export const mayBeGone = (post: Post) => post.going || post.by.left;
