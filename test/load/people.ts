import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient } from '../support/http-client.ts';
import { PNG } from '../support/png.ts';
import type { Random } from '../support/random.ts';
import { createSession, type Session } from '../support/session.ts';
import { attemptedByFrame, type ChatClient, openChatClient } from './chat-client.ts';
import { attempted, type Book, newMarker, type Participant, type Write } from './ledger.ts';

export type Actor = Participant & {
  chat: ChatClient;
  /** Versions of the profile that were tried so far. */
  version: number;
  hasProfile: boolean;
  posts: Post[];
};

/** `going` once its deletion was tried. */
type Post = { id: string; marker: string; by: Actor; going: boolean };
type Comment = { id: string; by: Actor; post: Post; going: boolean };

/** What the people of a load know of one another. */
export type Scene = {
  url: string;
  http: HttpClient;
  random: Random;
  book: Book;
  /** Those who have not left. */
  people: Actor[];
  posts: Post[];
  comments: Comment[];
};

type Action = (actor: Actor, scene: Scene) => Promise<void>;

const mayBeGone = (post: Post) => post.going || post.by.left;

const ATTEMPTS = 5;
/** Between two attempts, growing with each, in ms. */
const PAUSE_MS = 200;

/** A new account, signed in and with its device connected; undefined where that cannot be had at the moment. */
export async function join(scene: Scene): Promise<Actor | undefined> {
  const session = createSession(scene.http);
  if (!(await register(session, scene)) || !(await signIn(session, scene))) return undefined;
  const chat = openChatClient(scene.url, session);
  const { received } = chat;
  const actor: Actor = { session, received, chat, left: false, version: 0, hasProfile: false, posts: [] };
  scene.book.known(actor);
  scene.people.push(actor);
  return actor;
}

async function register(session: Session, { book }: Scene): Promise<boolean> {
  const intent = { kind: 'registration', marker: session.email } as const;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    // Where an attempt without a response had succeeded, the email is taken.
    const expected = { ok: 201, taken: attempt > 1 };
    const write = await book.write(intent, async () => attempted(await session.register(), expected));
    if (write.outcome === 'acknowledged' || isTaken(write)) return true;
    if (write.outcome === 'violation') return false;
    await sleep(PAUSE_MS * attempt);
  }
  return false;
}

const isTaken = ({ outcome, evidence }: Write) => outcome === 'refused' && evidence?.startsWith('409') === true;

async function signIn(session: Session, { book }: Scene): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    await session.logIn();
    const reply = await session.ask('GET', 'auth/id');
    if ('status' in reply && reply.status === 200) {
      session.id = reply.body.id;
      return true;
    }
    await sleep(PAUSE_MS * attempt);
  }
  await book.look(session, 'auth/id');
  return false;
}

/** Deletes the account. An actor that does not hear of it leaves as well, and the account may stay. */
const leave: Action = async (actor, scene) => {
  const { session, chat } = actor;
  actor.left = true;
  const write = await scene.book.request(session, { kind: 'account-deletion' }, ['DELETE', 'auth'], { ok: 204 });
  if (write.outcome === 'refused') {
    actor.left = false;
    return;
  }
  scene.people.splice(scene.people.indexOf(actor), 1);
  scene.posts = scene.posts.filter(({ by }) => by !== actor);
  await chat.close();
};

/** Completes the profile, or brings it to its next version. */
const describeOneself: Action = async (actor, { book }) => {
  const { session, hasProfile } = actor;
  const triedBefore = actor.version > 0;
  actor.version += 1;
  const marker = newMarker();
  const username = `p_${session.id.replaceAll('-', '').slice(-12)}_${actor.version}`;
  const content = { username, bio: `Version ${actor.version}, ${marker}` };
  const expected = hasProfile ? { ok: 200 } : { ok: 201, taken: triedBefore };
  const asked = [hasProfile ? 'PUT' : 'POST', 'profile', content] as const;
  const write = await book.request(session, { kind: 'profile', marker, username }, asked, expected);
  actor.hasProfile ||= write.outcome === 'acknowledged' || isTaken(write);
};

/** The picture of a marker. What follows its end belongs to no part of it, but makes another entity tag. */
export const pictureOf = (marker: string): Buffer => Buffer.concat([PNG, Buffer.from(marker)]);

const showOneself: Action = async ({ session }, { book }) => {
  const marker = newMarker();
  await book.request(session, { kind: 'avatar', marker }, ['PUT', 'profile/avatar', pictureOf(marker)], { ok: 204 });
};

/** People talk of what is new. */
const REMEMBERED = 200;

function remember<T>(known: T[], fresh: T): void {
  known.push(fresh);
  if (known.length > REMEMBERED) known.shift();
}

const publish: Action = async (actor, { book, posts }) => {
  const marker = newMarker();
  const asked = ['POST', 'feed', { text: marker }] as const;
  const { id } = await book.request(actor.session, { kind: 'post', marker }, asked, { ok: 201 });
  if (id === undefined) return;
  const post: Post = { id, marker, by: actor, going: false };
  actor.posts.push(post);
  remember(posts, post);
};

/** The publication's own marker stays in front. */
const rewrite: Action = async ({ session, posts }, { book, random }) => {
  if (posts.length === 0) return;
  const post = random.pick(posts);
  const marker = newMarker();
  const content = { text: `${post.marker} ${marker}` };
  await book.request(session, { kind: 'edit', marker, about: post.id }, ['PUT', `feed/${post.id}`, content], {
    ok: 200,
  });
};

const withdrawPost: Action = async ({ session, posts }, scene) => {
  const post = posts.shift();
  if (!post) return;
  post.going = true;
  const intent = { kind: 'post-deletion', about: post.id } as const;
  await scene.book.request(session, intent, ['DELETE', `feed/${post.id}`], { ok: 204 });
  scene.posts = scene.posts.filter((each) => each !== post);
};

const comment: Action = async (actor, { book, random, posts, comments }) => {
  if (posts.length === 0) return;
  const post = random.pick(posts);
  const marker = newMarker();
  const intent = { kind: 'comment', marker, about: post.id } as const;
  const expected = { ok: 201, missing: () => mayBeGone(post) };
  const asked = ['POST', `feed/${post.id}/comment`, { text: marker }] as const;
  const { id } = await book.request(actor.session, intent, asked, expected);
  if (id !== undefined) remember(comments, { id, by: actor, post, going: false });
};

/** One's own, or what stands below one's own publication. */
const withdrawComment: Action = async (actor, { book, comments, random }) => {
  const mine = comments.filter(({ by, post, going }) => !going && (by === actor || post.by === actor));
  if (mine.length === 0) return;
  const chosen = random.pick(mine);
  chosen.going = true;
  const intent = { kind: 'comment-deletion', about: chosen.id } as const;
  const expected = { ok: 204, missing: () => mayBeGone(chosen.post) || chosen.by.left };
  await book.request(actor.session, intent, ['DELETE', `feed/comment/${chosen.id}`], expected);
};

/** Most messages go to few people. */
const FRIENDS = 3;
const BY_SOCKET = 0.75;

/** Who joined so many places before or after the actor. */
function friendOf(actor: Actor, people: readonly Actor[], distance: number): Actor | undefined {
  const peer = people.at((people.indexOf(actor) + distance) % people.length);
  return peer === actor ? undefined : peer;
}

const say: Action = async (actor, { book, random, people }) => {
  const { session, chat } = actor;
  const peer = friendOf(actor, people, random.between(1, FRIENDS));
  if (!peer) return;
  const receiver = peer.session.id;
  const text = newMarker();
  const intent = { kind: 'message', by: session.id, marker: text, about: receiver } as const;
  const frame = random.next() < BY_SOCKET ? chat.send(receiver, text) : undefined;
  if (frame) await book.write(intent, async () => attemptedByFrame(await frame, peer));
  else await book.request(session, intent, ['POST', 'chat', { receiver, text }], { ok: 201, missing: () => peer.left });
};

const markRead: Action = async (actor, { book, random, people }) => {
  const about = friendOf(actor, people, random.between(-FRIENDS, FRIENDS))?.session.id;
  if (about === undefined) return;
  const path = `chat/conversation/${about}/read`;
  await book.request(actor.session, { kind: 'read', about }, ['PUT', path], { ok: 204 });
};

/** Reads one of the lists and resources that the web app shows. */
const look: Action = async (actor, { random, book, posts, people }) => {
  const post = posts.length > 0 ? random.pick(posts) : undefined;
  const peer = friendOf(actor, people, 1) ?? actor;
  const { id } = peer.session;
  const postMissing = () => post === undefined || mayBeGone(post);
  const looks: [path: string, missing?: () => boolean][] = [
    ['feed'],
    [`feed/user/${id}`],
    // The event that makes the profile may still be in flight.
    [`profile/${id}`, () => !peer.hasProfile || peer.left],
    ['chat/conversation'],
    [`chat/conversation/${id}`],
  ];
  if (post) looks.push([`feed/${post.id}`, postMissing], [`feed/${post.id}/comment`, postMissing]);
  await book.look(actor.session, ...random.pick(looks));
};

/** How often people do each of these, compared with the others. */
const HABITS: readonly (readonly [number, Action])[] = [
  [26, say],
  [16, look],
  [14, comment],
  [13, publish],
  [10, describeOneself],
  [7, rewrite],
  [5, markRead],
  [3, withdrawComment],
  [2, withdrawPost],
  [2, showOneself],
  [2, leave],
];

/** Most new accounts complete the profile first. */
const SHY = 0.1;

export function choose(actor: Actor, random: Random): Action {
  if (!actor.hasProfile && random.next() > SHY) return describeOneself;
  return random.weighted(HABITS, ([weight]) => weight)?.[1] ?? look;
}
