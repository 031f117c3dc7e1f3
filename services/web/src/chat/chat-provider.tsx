import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { getCaller } from '../api/client.ts';
import { useUserId } from '../session/use-me.ts';
import { useStore } from '../ui/store.ts';
import { announceMessage } from './announce-message.ts';
import { type Chat, createChat } from './chat.ts';
import { conversationsKey, noteMessage } from './conversation-cache.ts';
import { followReads } from './read-marks.ts';

const ChatContext = createContext<Chat | undefined>(undefined);

/** The chat of the person who is logged in, for as long as they are. */
export function ChatProvider({ children }: { children: ReactNode }) {
  const me = useUserId();
  const queries = useQueryClient();
  const [chat] = useState(() => chatOf(me, queries));

  useEffect(() => {
    const unfollow = followReads(queries);
    const onVisible = () => document.visibilityState === 'visible' && navigator.onLine && chat.onOnline();
    addEventListener('online', chat.onOnline);
    addEventListener('offline', chat.onOffline);
    document.addEventListener('visibilitychange', onVisible);
    chat.start();
    return () => {
      chat.stop();
      unfollow();
      removeEventListener('online', chat.onOnline);
      removeEventListener('offline', chat.onOffline);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [chat, queries]);

  return <ChatContext value={chat}>{children}</ChatContext>;
}

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (!chat) throw new Error('there is no chat around this');
  return chat;
}

export const useChatState = () => useStore(useChat().store);

function chatOf(me: string, queries: QueryClient): Chat {
  const url = new URL('/api/chat/ws', location.href.replace(/^http/, 'ws')).href;
  const chat: Chat = createChat(me, url, {
    onMessage(message) {
      noteMessage(queries, me, message);
      if (message.receiver === me) void announceMessage(queries, message);
    },
    onOpen() {
      if (chat.store.get().opened > 1) startOver(chat, queries);
    },
    // A handshake that is refused says no reason to a script; whether the session has ended another call tells.
    onClose(wasOpen) {
      if (wasOpen || !navigator.onLine) return;
      void queries.prefetchQuery({ queryKey: ['account'], queryFn: () => getCaller(), staleTime: 0 });
    },
  });
  return chat;
}

/** What came while there was no connection is fetched: at once where it shows, else when it is looked at. */
function startOver(chat: Chat, queries: QueryClient): void {
  const shown = queries.getQueryCache().findAll({ queryKey: ['messages'], type: 'active' });
  chat.keepOnly(shown.map(({ queryKey }) => String(queryKey[1])));
  queries.removeQueries({ queryKey: ['messages'], type: 'inactive' });
  void queries.invalidateQueries({ queryKey: conversationsKey });
}
