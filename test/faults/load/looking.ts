import { friendOf } from './chat.ts';
import type { Person, Scene } from './scene.ts';
import { mayBeGone } from './scene.ts';

type Look = { path: string; mayBeMissing: () => boolean };

/** Reads what one would read who has the page open. */
export async function look(person: Person, scene: Scene): Promise<void> {
  const { random, book } = scene;
  const { path, mayBeMissing } = random.pick(looks(person, scene));
  await book.look(person.session, path, () => ({ ok: 200, refusals: mayBeMissing() ? [404] : [] }));
}

function looks(person: Person, { random, posts, people }: Scene): Look[] {
  const never = () => false;
  const post = posts.length > 0 ? random.pick(posts) : undefined;
  const peer = friendOf(person, people, 1) ?? person;
  const { id } = peer.session;
  return [
    { path: 'feed', mayBeMissing: never },
    { path: `feed/user/${id}`, mayBeMissing: never },
    // The event that makes it may still be on its way.
    { path: `profile/${id}`, mayBeMissing: () => !peer.hasProfile || peer.left },
    { path: 'chat/conversation', mayBeMissing: never },
    { path: `chat/conversation/${id}`, mayBeMissing: never },
    ...(post
      ? [
          { path: `feed/${post.id}`, mayBeMissing: () => mayBeGone(post) },
          { path: `feed/${post.id}/comment`, mayBeMissing: () => mayBeGone(post) },
        ]
      : []),
  ];
}
