import type { Message } from '../api/client.ts';

/** Each message once, oldest first. Ids of version 7 sort by time. */
export function merged(...lists: readonly (readonly Message[])[]): Message[] {
  const all = new Map(lists.flat().map((message) => [message.id, message]));
  return [...all.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

export const peerOf = ({ sender, receiver }: Message, me: string): string => (sender === me ? receiver : sender);

export type Outgoing = {
  clientId: string;
  text: string;
  /**
   * `waiting` for a connection, `sending` over one, `unsure` where it broke before the response came, `refused` by the
   * server.
   */
  state: 'waiting' | 'sending' | 'unsure' | 'refused';
  /** The newest message of the conversation when this one was written. */
  after: string;
  problem?: { title: string; detail: string };
};

/**
 * What is still outgoing once `arrived` is known to be stored. The server does not remember a `client_id`, so where the
 * response got lost a message is known again by its text and by being newer than what was there.
 */
export function settle(outgoing: readonly Outgoing[], arrived: readonly Message[], me: string): Outgoing[] {
  const left = [...outgoing];
  for (const { sender, id, text } of arrived) {
    const at = left.findIndex((each) => each.state === 'unsure' && each.text === text && each.after < id);
    if (sender === me && at >= 0) left.splice(at, 1);
  }
  return left;
}
