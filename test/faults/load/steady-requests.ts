import type { Random } from '../random.ts';
import type { Asked } from './http-client.ts';
import { newMarker } from './ledger.ts';
import type { Settled } from './steady-people.ts';

export type SteadyRequest = Pick<Asked, 'method' | 'path' | 'content'> & { by: Settled; ok: number };

const READS = 0.6;

/** What somebody asks next. Nothing is ever deleted, so each of these must succeed. */
export function nextRequest(people: readonly Settled[], random: Random): SteadyRequest {
  const by = random.pick(people);
  const other = random.pick(people.filter((person) => person !== by));
  return random.next() < READS ? random.pick(reads(by, other)) : random.pick(writes(by, other));
}

function reads(by: Settled, { session: { id }, post, username }: Settled): SteadyRequest[] {
  const paths = [
    'feed?limit=20',
    `feed/user/${id}`,
    `feed/${post}`,
    `feed/${post}/comment`,
    `profile/${id}`,
    `profile/username/${username}`,
    'chat/conversation',
    `chat/conversation/${id}`,
  ];
  return paths.map((path) => ({ by, method: 'GET', path, ok: 200 }));
}

function writes(by: Settled, { session: { id }, post }: Settled): SteadyRequest[] {
  const text = newMarker();
  return [
    { by, method: 'POST', path: 'feed', content: { text }, ok: 201 },
    { by, method: 'PUT', path: `feed/${by.post}`, content: { text }, ok: 200 },
    { by, method: 'POST', path: `feed/${post}/comment`, content: { text }, ok: 201 },
    { by, method: 'PUT', path: 'profile', content: { username: by.username, bio: text }, ok: 200 },
    { by, method: 'POST', path: 'chat', content: { receiver: id, text }, ok: 201 },
    { by, method: 'PUT', path: `chat/conversation/${id}/read`, ok: 204 },
  ];
}
