import { randomUUID } from 'node:crypto';
import type { Received } from './received.ts';
import type { Session } from './session.ts';

export const WRITE_KINDS = [
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
 * acknowledged: it has happened. refused: it has not, as the contract allows. unknown: no answer, or one that leaves
 * it open, so it has happened once or not at all. violation: an answer that the contract does not have in this state;
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
  /** Id of what is written to: the publication, the comment, the receiver or the peer. Empty where it is the person. */
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

/** A read that was answered as the contract does not have it. */
export type BadRead = { path: string; by: string; evidence: string };

/** Somebody of the load: how to ask as them, and what reached their device. `left` where they tried to delete the account. */
export type Participant = { session: Session; received: Received; left: boolean };

export type Tally = { [outcome in Outcome]: number };
export type Counts = { [kind in WriteKind | 'look']: Tally };

export type Ledger = {
  readonly writes: readonly Write[];
  readonly badReads: readonly BadRead[];
  /** All who were registered for certain, the deleted ones included. */
  readonly people: readonly Participant[];
  readonly counts: Counts;
};

export const newMarker = () => `m-${randomUUID()}`;
/** All markers in a text, in their order. */
export const markersIn = (text: string): string[] => text.match(/m-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
