import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { createBook } from './book.ts';
import { attempted } from './chat.ts';
import { undelivered } from './deliveries.ts';
import { newMarker } from './ledger.ts';
import type { Settled } from './steady-people.ts';

export type ChatterResult = {
  /** Messages sent by socket; `unanswered` where the socket closed first, which leaves open if they were stored. */
  sent: number;
  acknowledged: number;
  unanswered: number;
  /** Frames that were answered with an error. */
  refused: string[];
  /** Acknowledged messages that did not reach a device, live or by catching up. */
  missed: string[];
  /** Messages that came twice over one socket, or out of order. */
  odd: string[];
  disconnects: number;
  /** Of connections that the other side ended. */
  closeCodes: number[];
};

const EVERY_MS = 500;
const DELIVERY_DEADLINE_MS = 60_000;

export type Chatter = {
  /** Messages acknowledged so far. */
  acknowledged(): number;
  stop(): Promise<ChatterResult>;
};

/** Each of the people talks to the next one by socket, twice a second, until `stop`. */
export function startChatter(people: readonly Settled[]): Chatter {
  const book = createBook();
  const refused: string[] = [];
  let unanswered = 0;
  const stopping = new AbortController();
  for (const person of people) book.known(person);

  async function say(person: Settled, to: Settled): Promise<void> {
    const marker = newMarker();
    const frame = person.chat.send(to.session.id, marker);
    if (!frame) return;
    const intent = { kind: 'message', by: person.session.id, about: to.session.id, marker } as const;
    const answer = await frame;
    await book.write(intent, async () => attempted(answer, to));
    if ('unknown' in answer) unanswered += 1;
    if ('refusal' in answer) refused.push(answer.refusal);
  }

  async function talk(person: Settled, to: Settled): Promise<void> {
    while (!stopping.signal.aborted) {
      await say(person, to);
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const talking = Promise.all(
    people.map((person, index) => talk(person, people[(index + 1) % people.length] as Settled)),
  );

  return {
    acknowledged: () => book.counts.message.acknowledged,
    async stop() {
      stopping.abort();
      await talking;
      const ledger = book.ledger();
      const arrived = () => people.every(({ chat }) => chat.isCaughtUp()) && undelivered(ledger).length === 0;
      await waitFor('what was said to arrive', arrived, { deadlineMs: DELIVERY_DEADLINE_MS }).catch(() => {});
      await Promise.all(people.map(({ chat }) => chat.close()));
      const { acknowledged } = ledger.counts.message;
      return {
        sent: ledger.writes.length,
        acknowledged,
        unanswered,
        refused,
        missed: undelivered(ledger).map(({ message, to }) => `${message.id} to ${to.session.id}`),
        odd: people.flatMap(({ received }) => received.complaints.map(({ evidence }) => evidence)),
        disconnects: people.reduce((sum, { chat }) => sum + chat.disconnects, 0),
        closeCodes: people.flatMap(({ chat }) => chat.closeCodes),
      };
    },
  };
}
