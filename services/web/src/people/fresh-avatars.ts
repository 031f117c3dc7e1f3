import { createStore } from '../ui/store.ts';

/**
 * Avatars set in this very tab, by user. Their address does not change with them, and a browser does not ask again for
 * a picture that the document has shown already.
 */
export const freshAvatars = createStore<Readonly<Record<string, string>>>({});

export function showFreshAvatar(userId: string, picture: Blob): void {
  freshAvatars.set((all) => {
    if (all[userId]) URL.revokeObjectURL(all[userId]);
    return { ...all, [userId]: URL.createObjectURL(picture) };
  });
}
