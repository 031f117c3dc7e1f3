import { setTimeout as sleep } from 'node:timers/promises';
import { openChatClient } from './chat-client.ts';
import { newMarker } from './ledger.ts';
import { createReceived } from './received.ts';
import type { Person, Scene } from './scene.ts';
import { createSession, type Session } from './session.ts';

const ATTEMPTS = 5;
/** Between two attempts, growing with each, in ms. */
const PAUSE_MS = 200;
/** The account is there: an attempt without an answer had succeeded. */
const TAKEN = 409;

/** Somebody new, signed in and with their device connected; undefined where that cannot be had at the moment. */
export async function join(scene: Scene): Promise<Person | undefined> {
  const session = createSession(scene.http, `${newMarker()}@example.com`);
  if (!(await register(session, scene)) || !(await signIn(session, scene))) return undefined;
  const received = createReceived();
  const chat = openChatClient(scene.url, session, received);
  const person: Person = { session, received, chat, left: false, version: 0, hasProfile: false, posts: [] };
  scene.book.known(person);
  scene.people.push(person);
  return person;
}

async function register(session: Session, { book }: Scene): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const intent = { kind: 'registration', marker: session.email } as const;
    const expected = { ok: 201, refusals: attempt > 1 ? [TAKEN] : [] };
    const { outcome, evidence } = await book.request(intent, session.register, () => expected);
    if (outcome === 'acknowledged') return true;
    if (outcome === 'refused') return evidence?.startsWith(String(TAKEN)) ?? false;
    if (outcome === 'violation') return false;
    await sleep(PAUSE_MS * attempt);
  }
  return false;
}

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
  await book.look(session, 'auth/id', () => ({ ok: 200 }));
  return false;
}

/** Deletes the account. Whoever does not hear of it goes as well, and the account may stay. */
export async function leave(person: Person, scene: Scene): Promise<void> {
  const { book, people } = scene;
  const { session, chat } = person;
  person.left = true;
  const intent = { kind: 'account-deletion', by: session.id } as const;
  const { outcome } = await book.request(
    intent,
    () => session.ask('DELETE', 'auth'),
    () => ({ ok: 204 }),
  );
  if (outcome === 'refused') {
    person.left = false;
    return;
  }
  people.splice(people.indexOf(person), 1);
  scene.posts = scene.posts.filter(({ by }) => by !== person);
  await chat.close();
}
