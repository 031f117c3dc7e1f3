import type { Reply } from './http-client.ts';
import {
  type BadRead,
  type Counts,
  type Ledger,
  type Outcome,
  type Participant,
  type Tally,
  WRITE_KINDS,
  type Write,
  type WriteKind,
} from './ledger.ts';
import { type Expected, evidenceOf, outcomeOf } from './outcome.ts';
import type { Session } from './session.ts';

/** How an attempt ended; `id` is that of what was made. */
export type Attempted = { outcome: Outcome; id?: string; evidence?: string };
/** The write that is attempted; where it needs no marker, none. */
export type Intent = Pick<Write, 'kind'> & Partial<Pick<Write, 'by' | 'marker' | 'about' | 'username'>>;

export type Book = ReturnType<typeof createBook>;

/** Where every attempt is written down. */
export function createBook() {
  const writes: Write[] = [];
  const badReads: BadRead[] = [];
  const people: Participant[] = [];
  const counts = noCounts();

  async function write(intent: Intent, attempt: () => Promise<Attempted>): Promise<Write> {
    const begun = Date.now();
    const attempted = await attempt();
    const done: Write = { by: '', marker: '', about: '', ...intent, begun, ended: Date.now(), ...attempted };
    counts[done.kind][done.outcome] += 1;
    writes.push(done);
    return done;
  }

  return {
    write,
    /** A write by request. `expected` is asked when the answer is there: others may have changed what is allowed. */
    request: (intent: Intent, ask: () => Promise<Reply>, expected: () => Expected): Promise<Write> =>
      write(intent, async () => attempted(await ask(), expected())),
    async look(session: Session, path: string, expected: () => Expected): Promise<void> {
      const reply = await session.ask('GET', path);
      const outcome = outcomeOf(reply, expected());
      counts.look[outcome] += 1;
      if (outcome === 'violation') badReads.push({ path, by: session.id, evidence: evidenceOf(reply) });
    },
    /** Somebody whose account exists for certain. */
    known: (participant: Participant): void => void people.push(participant),
    counts,
    ledger: (): Ledger => ({ writes, badReads, people, counts }),
  };
}

function attempted(reply: Reply, expected: Expected): Attempted {
  const outcome = outcomeOf(reply, expected);
  if (outcome !== 'acknowledged') return { outcome, evidence: evidenceOf(reply) };
  return 'status' in reply && reply.body?.id ? { outcome, id: reply.body.id } : { outcome };
}

function noCounts(): Counts {
  const none = (): Tally => ({ acknowledged: 0, refused: 0, unknown: 0, violation: 0 });
  const kinds: (WriteKind | 'look')[] = [...WRITE_KINDS, 'look'];
  return Object.fromEntries(kinds.map((kind) => [kind, none()])) as Counts;
}
