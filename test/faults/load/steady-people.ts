import { waitFor } from '@wave-connect/dev-env/waiting';
import { type ChatClient, openChatClient } from './chat-client.ts';
import type { Asked, Body, HttpClient } from './http-client.ts';
import { newMarker, type Participant } from './ledger.ts';
import { evidenceOf } from './outcome.ts';
import { createReceived } from './received.ts';
import { createSession, type Session } from './session.ts';

/** Somebody with a profile, a publication, and a device that is connected. */
export type Settled = Participant & { chat: ChatClient; username: string; post: string };

const DEADLINE_MS = 60_000;

/** @throws where anything does not go well: nothing is disturbed yet */
export async function settlePeople(url: string, http: HttpClient, count: number): Promise<Settled[]> {
  const people: Settled[] = [];
  while (people.length < count) people.push(await settleOne(url, http));
  const connected = () => people.every(({ chat }) => chat.isCaughtUp());
  await waitFor('everybody to be connected', connected, { deadlineMs: DEADLINE_MS });
  return people;
}

async function settleOne(url: string, http: HttpClient): Promise<Settled> {
  const marker = newMarker();
  const session = createSession(http, `${marker}@example.com`);
  const registered = await session.register();
  if (!('status' in registered) || registered.status !== 201) throw new Error(`registering: ${evidenceOf(registered)}`);
  session.id = registered.body.id;
  await session.logIn();
  const username = `s_${session.id.replaceAll('-', '').slice(-20)}`;
  await must(session, 'POST', 'profile', { username, bio: marker });
  const { id: post } = await must(session, 'POST', 'feed', { text: marker });
  const received = createReceived();
  const chat = openChatClient(url, session, received);
  return { session, received, left: false, chat, username, post };
}

async function must(session: Session, method: string, path: string, content: Asked['content']): Promise<Body> {
  const reply = await session.ask(method, path, content);
  if ('status' in reply && reply.status < 300) return reply.body;
  throw new Error(`${method} ${path}: ${evidenceOf(reply)}`);
}
