import { type Page, type PageQuery, readPage } from '@wave-connect/chassis/pagination';
import type { Conversation } from '../repository/conversations.ts';
import type { Message } from '../repository/messages.ts';
import type { Store } from '../repository/store.ts';
import type { Accounts } from './accounts.ts';

export type Conversations = ReturnType<typeof createConversations>;

/** Who one has talked with, what was said, and how much of it is unread. */
export function createConversations({ store, accounts }: { store: Store; accounts: Accounts }) {
  return {
    /** Latest first. */
    list(caller: string, query: PageQuery): Promise<Page<Conversation>> {
      const read = (before: string | undefined, take: number) => store.conversations.list(caller, before, take);
      return readPage(query, read, ({ lastMessage }) => lastMessage.id, itself);
    },

    /** Newest first, for reading back. */
    history(caller: string, peer: string, query: PageQuery): Promise<Page<Message>> {
      const read = (before: string | undefined, take: number) => store.messages.listNewest(caller, peer, before, take);
      return readPage(query, read, ({ id }) => id, itself);
    },

    /** What is newer than the message `after`, oldest first, for catching up. */
    since(caller: string, peer: string, after: string, query: PageQuery): Promise<Page<Message>> {
      const read = (from = after, take: number) => store.messages.listOldest(caller, peer, from, take);
      return readPage(query, read, ({ id }) => id, itself);
    },

    /** What the peer has sent counts as read, up to that message or so far. What was read stays read. */
    async markRead(caller: string, peer: string, upTo?: string): Promise<void> {
      await accounts.assertExists(caller);
      await store.conversations.markRead(caller, peer, upTo);
      if (upTo === undefined || !(await store.conversations.isUnread(caller, peer, upTo))) return;
      await store.transaction(async ({ conversations }) => {
        await conversations.lock(caller, peer);
        await conversations.markPartRead(caller, peer, upTo);
      });
    },
  };
}

const itself = <T>(row: T): T => row;
