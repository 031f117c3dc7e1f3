import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { markConversationRead } from '../api/client.ts';
import { noteRead } from './conversation-cache.ts';

const CHANNEL = 'wave.read';

/** Other tabs of this browser hear of what was read here, which the server does not announce. */
export function followReads(queries: QueryClient): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => noteRead(queries, String(data));
  return () => channel.close();
}

/** Marks a conversation as read up to each new message of the other person that it shows, while the web app is looked at. */
export function useMarkAsRead(peerId: string, newest: string | undefined): void {
  const queries = useQueryClient();
  const visible = useSyncExternalStore(onVisibility, isVisible);
  useEffect(() => {
    if (!visible || newest === undefined) return;
    noteRead(queries, peerId);
    markConversationRead({ path: { peerID: peerId }, body: { up_to: newest } }).then(tellOthers, () => {});
    function tellOthers() {
      const channel = new BroadcastChannel(CHANNEL);
      channel.postMessage(peerId);
      channel.close();
    }
  }, [queries, peerId, newest, visible]);
}

const isVisible = () => document.visibilityState === 'visible';
const onVisibility = (listener: () => void) => {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
};
