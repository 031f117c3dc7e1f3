export type ChatMessage = { id: string; text: string; sender: string; receiver: string; time_sent: string };

/** Before every id of a message. */
const NIL_ID = '00000000-0000-0000-0000-000000000000';

export type Received = ReturnType<typeof createReceived>;

/** What a person has got to see of the chat: live, and by catching up. */
export function createReceived() {
  const messages = new Map<string, ChatMessage>();
  /** Up to where the history with each peer was read; what comes live may have gaps before it. */
  const caughtUpTo = new Map<string, string>();
  const complaints: { kind: 'doubled' | 'wrong'; evidence: string }[] = [];

  function see(message: ChatMessage): void {
    const known = messages.get(message.id);
    if (known && known.text !== message.text) complain('wrong', `message ${message.id} came with two texts`);
    messages.set(message.id, message);
  }

  const complain = (kind: 'doubled' | 'wrong', evidence: string) => complaints.push({ kind, evidence });

  return {
    messages,
    complaints,
    /** `onSocket` holds the ids that have come over the same socket. */
    live(message: ChatMessage, onSocket: Set<string>): void {
      if (onSocket.has(message.id)) complain('doubled', `message ${message.id} came twice over one socket`);
      onSocket.add(message.id);
      see(message);
    },
    /** The id of a message, for `after`. */
    since: (peer: string): string => caughtUpTo.get(peer) ?? NIL_ID,
    /** What followed `since(peer)`, oldest first. */
    caughtUp(peer: string, history: readonly ChatMessage[]): void {
      let last = caughtUpTo.get(peer) ?? NIL_ID;
      for (const message of history) {
        if (message.id <= last) complain('wrong', `catching up with ${peer}: ${message.id} came behind ${last}`);
        last = message.id;
        see(message);
      }
      caughtUpTo.set(peer, last);
    },
  };
}
