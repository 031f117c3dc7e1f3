import type { ChatServerFrame, Message } from '../api/client.ts';
import { createStore } from '../ui/store.ts';
import { type ConnectionState, createConnection, TIMING } from './connection.ts';
import { merged, type Outgoing, peerOf, settle } from './messages.ts';

export type ChatState = {
  connection: ConnectionState;
  /** How many times a connection has been opened: with each there may be something to catch up on. */
  opened: number;
  /** What has arrived since, by the person that it was exchanged with. */
  live: Readonly<Record<string, readonly Message[]>>;
  /** What one has written and is not known to be stored. */
  outgoing: Readonly<Record<string, readonly Outgoing[]>>;
};

export type ChatEvents = {
  /** A message that was not known before, sent or received. */
  onMessage(message: Message): void;
  onOpen(): void;
  /** @param wasOpen false where the server would not have it */
  onClose(wasOpen: boolean): void;
};

export type Chat = ReturnType<typeof createChat>;

/** The messages of one person that come and go while the web app is open, over a connection that is opened ever anew. */
export function createChat(me: string, url: string, events: ChatEvents, timing = TIMING) {
  const store = createStore<ChatState>({ connection: 'connecting', opened: 0, live: {}, outgoing: {} });
  const deadlines = new Map<string, ReturnType<typeof setTimeout>>();
  const connection = createConnection(url, { onState, onFrame, onClose }, timing);

  function onState(state: ConnectionState): void {
    const isOpen = state === 'open';
    store.set((now) => ({ ...now, connection: state, opened: now.opened + (isOpen ? 1 : 0) }));
    if (!isOpen) return;
    events.onOpen();
    sendWaiting();
  }

  function onClose(wasOpen: boolean): void {
    for (const timer of deadlines.values()) clearTimeout(timer);
    deadlines.clear();
    changeAll((each) => (each.state === 'sending' ? { ...each, state: 'unsure' } : each));
    events.onClose(wasOpen);
  }

  function onFrame(frame: unknown): void {
    const { type, client_id: clientId, ...rest } = frame as ChatServerFrame;
    if (typeof clientId === 'string') clearDeadline(clientId);
    if ('message' in rest) {
      change(peerOf(rest.message, me), (list) => list.filter((each) => each.clientId !== clientId));
      take(peerOf(rest.message, me), [rest.message]);
    } else if ('title' in rest) {
      changeAll((each) => (each.clientId === clientId ? { ...each, state: 'refused', problem: rest } : each));
    }
  }

  function clearDeadline(clientId: string): void {
    clearTimeout(deadlines.get(clientId));
    deadlines.delete(clientId);
  }

  /** Adds what has been fetched or has arrived, once each. */
  function take(peer: string, messages: readonly Message[]): void {
    const known = store.get().live[peer] ?? [];
    const fresh = messages.filter(({ id }) => !known.some((each) => each.id === id));
    if (fresh.length === 0) return;
    change(peer, (list) => settle(list, fresh, me));
    store.set((now) => ({ ...now, live: { ...now.live, [peer]: merged(known, fresh) } }));
    for (const message of fresh) events.onMessage(message);
  }

  function sendWaiting(): void {
    for (const [receiver, list] of Object.entries(store.get().outgoing)) {
      for (const { clientId, text, state } of list) if (state === 'waiting') hand(receiver, clientId, text);
    }
  }

  function hand(receiver: string, clientId: string, text: string): void {
    const handed = connection.send({ receiver, text, client_id: clientId });
    if (!handed) return;
    deadlines.set(clientId, setTimeout(connection.drop, timing.responseMs));
    change(receiver, (list) => list.map((each) => (each.clientId === clientId ? { ...each, state: 'sending' } : each)));
  }

  function change(peer: string, of: (list: readonly Outgoing[]) => Outgoing[]): void {
    store.set((now) => ({ ...now, outgoing: { ...now.outgoing, [peer]: of(now.outgoing[peer] ?? []) } }));
  }

  function changeAll(of: (each: Outgoing) => Outgoing): void {
    for (const peer of Object.keys(store.get().outgoing)) change(peer, (list) => list.map(of));
  }

  /** @param after the newest message that is there, if any */
  function send(peer: string, text: string, after = ''): void {
    const clientId = crypto.randomUUID();
    change(peer, (list) => [...list, { clientId, text, state: 'waiting', after }]);
    hand(peer, clientId, text);
  }

  const discard = (peer: string, clientId: string): void =>
    change(peer, (list) => list.filter((each) => each.clientId !== clientId));

  return {
    store,
    start: connection.start,
    stop: connection.stop,
    /** What the browser says of its network. */
    onOffline: connection.pause,
    onOnline: connection.retryNow,
    take,
    send,
    discard,
    /** Once more, as a new message. */
    retry(peer: string, { clientId, text }: Outgoing, after = ''): void {
      discard(peer, clientId);
      send(peer, text, after);
    },
    /** A fetched page says that these are stored. */
    settle: (peer: string, stored: readonly Message[]): void => change(peer, (list) => settle(list, stored, me)),
    /** What is not looked at is fetched when it is, so that nothing is missing in between. */
    keepOnly: (peers: readonly string[]): void =>
      store.set((now) => ({
        ...now,
        live: Object.fromEntries(Object.entries(now.live).filter(([peer]) => peers.includes(peer))),
      })),
  };
}
