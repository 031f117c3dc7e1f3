import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { itemsOf } from '../api/pages.ts';
import { useChat, useChatState } from './chat-provider.tsx';
import { merged } from './messages.ts';
import { fetchNewer, useHistory } from './queries.ts';

const NOTHING: never[] = [];

/** Everything exchanged with one person as far as it is known here, and what is in-flight. */
export function useConversation(peerId: string) {
  const chat = useChat();
  const { live, outgoing, opened, connection } = useChatState();
  const history = useHistory(peerId);
  const arrived = live[peerId] ?? NOTHING;
  const stored = useMemo(() => itemsOf(history.data), [history.data]);
  const messages = useMemo(() => merged(stored, arrived), [stored, arrived]);
  const newest = messages.at(-1)?.id;

  useEffect(() => chat.settle(peerId, stored), [chat, peerId, stored]);

  /** What came between the fetched page and the connection, or while there was none. */
  const caughtUp = useQuery({
    queryKey: ['caught-up', peerId, opened],
    async queryFn() {
      chat.take(peerId, await fetchNewer(peerId, newest));
      return null;
    },
    enabled: history.isSuccess && opened > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

  return { history, caughtUp, messages, newest, outgoing: outgoing[peerId] ?? NOTHING, connection };
}
