import { randomUUID } from 'node:crypto';
import { describeReply, type Reply } from '../support/http-client.ts';
import type { Session } from '../support/session.ts';
import type { Received } from './chat-client.ts';

const WRITE_KINDS = [
  'registration',
  'profile',
  'avatar',
  'post',
  'edit',
  'comment',
  'post-deletion',
  'comment-deletion',
  'message',
  'read',
  'account-deletion',
] as const;
export type WriteKind = (typeof WRITE_KINDS)[number];

/**
 * acknowledged: it has happened. refused: it has not, as the contract allows. unknown: no response, or one that leaves
 * it open, so it has happened once or not at all. violation: a response that the contract does not have in this state;
 * what has happened is open as well.
 */
export type Outcome = 'acknowledged' | 'refused' | 'unknown' | 'violation';

/** An unknown write takes effect within this time, in ms, or never: a process that was paused may still have held it. */
export const LATEST_EFFECT_MS = 120_000;

export type Write = {
  kind: WriteKind;
  /** Id of the account that asks; empty at its registration. */
  by: string;
  /** What tells the write from all others, where people see it: the email at a registration, else `m-<uuid>`. */
  marker: string;
  /** Id of what is written to: the publication, the comment, the receiver or the peer. Empty where it is the account. */
  about: string;
  /** The username of a profile. */
  username?: string;
  /** Milliseconds since the epoch. */
  begun: number;
  ended: number;
  outcome: Outcome;
  /** Of what was made, where that was acknowledged. */
  id?: string;
  /** Status and request id, or the error, of what was not acknowledged. */
  evidence?: string;
};

/** An account of the load: how to ask as it, and what reached its device. `left` once its deletion was tried. */
export type Participant = { session: Session; received: Received; left: boolean };

type Counts = { [kind in WriteKind | 'look']: { [outcome in Outcome]: number } };

export type Ledger = {
  readonly writes: readonly Write[];
  /** Reads whose response the contract does not have. */
  readonly badReads: readonly { path: string; by: string; evidence: string }[];
  /** All who were registered for certain, the deleted ones included. */
  readonly people: readonly Participant[];
  readonly counts: Counts;
};

export const newMarker = () => `m-${randomUUID()}`;
/** All markers in a text, in their order. */
export const markersIn = (text: string): string[] => text.match(/m-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];

/** How an attempt ended; `id` is that of what was made. */
export type Attempted = Pick<Write, 'outcome' | 'id' | 'evidence'>;
/** The write that is attempted; where it needs no marker, none. */
type Intent = Pick<Write, 'kind'> & Partial<Pick<Write, 'by' | 'marker' | 'about' | 'username'>>;

/** `ok` is the status of success. The contract allows 404 where `missing` holds when the response comes, 409 if `taken`. */
type Expected = { ok: number; missing?: () => boolean; taken?: boolean };

/** Any request may be refused before anything has happened; 503 says that nothing has. */
const REFUSED_TO_ALL = [401, 429, 503];
/** 408 as well: a process that was paused may have passed a part of the request on. */
const LEFT_OPEN = [408, 502, 504];

export function attempted(reply: Reply, { ok, missing = () => false, taken = false }: Expected): Attempted {
  const evidence = describeReply(reply);
  if ('error' in reply || LEFT_OPEN.includes(reply.status)) return { outcome: 'unknown', evidence };
  const { status, body } = reply;
  if (status === ok) return { outcome: 'acknowledged', ...(body?.id && { id: body.id }) };
  const isRefused = REFUSED_TO_ALL.includes(status) || (status === 404 && missing()) || (status === 409 && taken);
  return { outcome: isRefused ? 'refused' : 'violation', evidence };
}

export type Book = ReturnType<typeof openBook>;

/** A ledger that is being written: every attempt of a load, as it ends. */
export function openBook() {
  const writes: Write[] = [];
  const badReads: { path: string; by: string; evidence: string }[] = [];
  const people: Participant[] = [];
  const counts = Object.fromEntries(
    [...WRITE_KINDS, 'look'].map((kind) => [kind, { acknowledged: 0, refused: 0, unknown: 0, violation: 0 }]),
  ) as Counts;

  async function write(intent: Intent, attempt: () => Promise<Attempted>): Promise<Write> {
    const begun = Date.now();
    const result = await attempt();
    const done: Write = { by: '', marker: '', about: '', ...intent, begun, ended: Date.now(), ...result };
    counts[done.kind][done.outcome] += 1;
    writes.push(done);
    return done;
  }

  return {
    write,
    /** A write by request: method, path and content. */
    request(
      session: Session,
      intent: Intent,
      asked: Readonly<Parameters<Session['ask']>>,
      expected: Expected,
    ): Promise<Write> {
      return write({ by: session.id, ...intent }, async () => attempted(await session.ask(...asked), expected));
    },
    async look(session: Session, path: string, missing = () => false): Promise<void> {
      const { outcome, evidence = '' } = attempted(await session.ask('GET', path), { ok: 200, missing });
      counts.look[outcome] += 1;
      if (outcome === 'violation') badReads.push({ path, by: session.id, evidence });
    },
    /** An account that exists for certain. */
    known: (participant: Participant): void => void people.push(participant),
    acknowledged: (): number => Object.values(counts).reduce((sum, tally) => sum + tally.acknowledged, 0),
    ledger: (): Ledger => ({ writes, badReads, people, counts }),
  };
}

/** Acknowledged messages between people who have both stayed, and that have not reached a device of one of the two. */
export function undelivered({ writes, people }: Ledger): { message: Write; to: Participant }[] {
  const staying = new Map(people.filter(({ left }) => !left).map((person) => [person.session.id, person]));
  return writes.flatMap((message) => {
    const { kind, id, by, about } = message;
    const both = [staying.get(by), staying.get(about)];
    if (kind !== 'message' || id === undefined || both.includes(undefined)) return [];
    return both.flatMap((to) => (to && !to.received.messages.has(id) ? [{ message, to }] : []));
  });
}
