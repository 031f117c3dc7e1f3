import type { Attempted } from './book.ts';
import type { FrameAnswer } from './chat-client.ts';
import { newMarker } from './ledger.ts';
import type { Person, Scene } from './scene.ts';

/** Most of what people say, they say to few. */
const FRIENDS = 3;
const BY_SOCKET = 0.75;

export async function say(person: Person, { book, random, people }: Scene): Promise<void> {
  const { session, chat } = person;
  const peer = friendOf(person, people, random.between(1, FRIENDS));
  if (!peer) return;
  const marker = newMarker();
  const intent = { kind: 'message', by: session.id, marker, about: peer.session.id } as const;
  const frame = random.next() < BY_SOCKET ? chat.send(peer.session.id, marker) : undefined;
  if (frame) await book.write(intent, async () => attempted(await frame, peer));
  else {
    await book.request(
      intent,
      () => session.ask('POST', 'chat', { receiver: peer.session.id, text: marker }),
      () => ({ ok: 201, refusals: peer.left ? [404] : [] }),
    );
  }
}

export async function markRead(person: Person, { book, random, people }: Scene): Promise<void> {
  const { session } = person;
  const peer = friendOf(person, people, random.between(-FRIENDS, FRIENDS));
  if (!peer) return;
  await book.request(
    { kind: 'read', by: session.id, about: peer.session.id },
    () => session.ask('PUT', `chat/conversation/${peer.session.id}/read`),
    () => ({ ok: 204 }),
  );
}

/** Who joined so many places before or after them. */
export function friendOf(person: Person, people: readonly Person[], distance: number): Person | undefined {
  const peer = people.at((people.indexOf(person) + distance) % people.length);
  return peer === person ? undefined : peer;
}

/** Titles as the statuses that they belong to. */
const MAY_HAVE_HAPPENED = /^(Service Unavailable|Bad Gateway|Gateway Timeout)/;
const TURNED_AWAY = /^(Unauthorized|Too Many Requests)/;

/** What an answer means where `peer` may have left. */
export function attempted(answer: FrameAnswer, peer: { left: boolean }): Attempted {
  if ('message' in answer) return { outcome: 'acknowledged', id: answer.message.id };
  if ('unknown' in answer) return { outcome: 'unknown', evidence: answer.unknown };
  const { refusal } = answer;
  const isRefusal = TURNED_AWAY.test(refusal) || (peer.left && refusal.startsWith('Not Found'));
  if (isRefusal) return { outcome: 'refused', evidence: refusal };
  return { outcome: MAY_HAVE_HAPPENED.test(refusal) ? 'unknown' : 'violation', evidence: refusal };
}
