import type { QueryClient } from '@tanstack/react-query';
import { getProfile, type Message } from '../api/client.ts';
import { profileKey } from '../session/use-me.ts';
import { TEXT } from '../text.ts';
import { announce } from '../ui/announcer.tsx';

/** Says who writes what, by name where that is to be had. */
export async function announceMessage(queries: QueryClient, { sender: id, text }: Message): Promise<void> {
  const profile = await queries
    .ensureQueryData({ queryKey: profileKey(id), queryFn: () => getProfile({ path: { id } }) })
    .catch(() => undefined);
  announce(TEXT.chat.newFrom(profile?.username ?? TEXT.feed.newMember, text));
}
