import { LRUCache } from 'lru-cache';
import type { Message } from '../repository/messages.ts';
import type { Activity } from './activity.ts';

/** One open socket of a person, as far as deliveries go. */
export type Listener = {
  readonly userId: string;
  /** Undefined for one whose token names none. */
  readonly sessionId: string | undefined;
  receive(message: Message): void;
  /** The session has ended or the account is gone, and with it the right to listen. */
  dismiss(): void;
};

export type Hub = ReturnType<typeof createHub>;

/**
 * Who listens on this replica. A message reaches the hub when this replica has stored it and once more, as on
 * every replica, with its event, which may come twice by itself; it is delivered the first time alone.
 */
export function createHub(options: { rememberedDeliveries: number; activity: Activity }) {
  const { rememberedDeliveries, activity } = options;
  const listeners = new Map<string, Set<Listener>>();
  const delivered = new LRUCache<string, true>({ max: rememberedDeliveries });
  const held = new Map<Listener, Message[]>();

  function leave(listener: Listener): void {
    const own = listeners.get(listener.userId);
    own?.delete(listener);
    if (own?.size === 0) listeners.delete(listener.userId);
  }

  function hand(message: Message, listener: Listener): void {
    listener.receive(message);
    activity.messageDelivered();
  }

  function handOrKeep(message: Message, listener: Listener): void {
    const kept = listener.userId === message.sender ? held.get(listener) : undefined;
    if (kept) kept.push(message);
    else hand(message, listener);
  }

  return {
    /** @returns what ends the listening */
    join(listener: Listener): () => void {
      const own = listeners.get(listener.userId) ?? new Set();
      listeners.set(listener.userId, own.add(listener));
      return () => leave(listener);
    },

    countOf: (userId: string): number => listeners.get(userId)?.size ?? 0,

    /** To all who listen for either of the two people, but not to `except`, which gets a response of its own. */
    deliver(message: Message, except?: Listener): void {
      if (delivered.has(message.id)) return;
      delivered.set(message.id, true);
      for (const userId of [message.sender, message.receiver]) {
        for (const listener of listeners.get(userId) ?? []) {
          if (listener !== except) handOrKeep(message, listener);
        }
      }
    },

    /**
     * Keeps a person's own messages from a listener that waits for the response to one, because that one may come
     * back as an event before its response is there.
     * @returns what hands on the messages kept, but not `responded`
     */
    hold(listener: Listener): (responded?: string) => void {
      const kept: Message[] = [];
      held.set(listener, kept);
      return (responded) => {
        held.delete(listener);
        for (const message of kept) if (message.id !== responded) hand(message, listener);
      };
    },

    /** Those of a session, or without one all of the person. */
    dismiss({ userId, sessionId }: { userId: string; sessionId?: string | undefined }): void {
      for (const listener of listeners.get(userId) ?? []) {
        if (sessionId === undefined || listener.sessionId === sessionId) listener.dismiss();
      }
    },
  };
}
