import { newMarker } from './ledger.ts';
import { mayBeGone, type Person, type Post, remember, type Scene } from './scene.ts';

export async function publish(person: Person, { book, posts }: Scene): Promise<void> {
  const { session } = person;
  const marker = newMarker();
  const { id } = await book.request(
    { kind: 'post', by: session.id, marker },
    () => session.ask('POST', 'feed', { text: marker }),
    () => ({ ok: 201 }),
  );
  if (id === undefined) return;
  const post: Post = { id, marker, by: person, going: false };
  person.posts.push(post);
  remember(posts, post);
}

/** The publication's own marker stays in front. */
export async function rewrite({ session, posts }: Person, { book, random }: Scene): Promise<void> {
  if (posts.length === 0) return;
  const post = random.pick(posts);
  const marker = newMarker();
  await book.request(
    { kind: 'edit', by: session.id, marker, about: post.id },
    () => session.ask('PUT', `feed/${post.id}`, { text: `${post.marker} ${marker}` }),
    () => ({ ok: 200 }),
  );
}

export async function comment(person: Person, { book, random, posts, comments }: Scene): Promise<void> {
  if (posts.length === 0) return;
  const { session } = person;
  const post = random.pick(posts);
  const marker = newMarker();
  const { id } = await book.request(
    { kind: 'comment', by: session.id, marker, about: post.id },
    () => session.ask('POST', `feed/${post.id}/comment`, { text: marker }),
    () => ({ ok: 201, refusals: mayBeGone(post) ? [404] : [] }),
  );
  if (id !== undefined) remember(comments, { id, by: person, post, going: false });
}

export async function withdrawPost({ session, posts }: Person, scene: Scene): Promise<void> {
  const post = posts.shift();
  if (!post) return;
  post.going = true;
  await scene.book.request(
    { kind: 'post-deletion', by: session.id, about: post.id },
    () => session.ask('DELETE', `feed/${post.id}`),
    () => ({ ok: 204 }),
  );
  scene.posts = scene.posts.filter((each) => each !== post);
}

/** One's own, or what stands below one's own publication. */
export async function withdrawComment(person: Person, scene: Scene): Promise<void> {
  const { book, comments, random } = scene;
  const mine = comments.filter(({ by, post, going }) => !going && (by === person || post.by === person));
  if (mine.length === 0) return;
  const chosen = random.pick(mine);
  chosen.going = true;
  await book.request(
    { kind: 'comment-deletion', by: person.session.id, about: chosen.id },
    () => person.session.ask('DELETE', `feed/comment/${chosen.id}`),
    () => ({ ok: 204, refusals: mayBeGone(chosen.post) || chosen.by.left ? [404] : [] }),
  );
}
