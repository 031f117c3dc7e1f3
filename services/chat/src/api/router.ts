import { createRouter, type ServiceRoutes } from '@wave-connect/chassis/http/app';
import { presentPage } from '@wave-connect/chassis/pagination';
import type { Conversations } from '../domain/conversations.ts';
import type { Messages } from '../domain/messages.ts';
import { presentConversation, presentMessage } from './present.ts';

type Parts = { messages: Messages; conversations: Conversations };

/** What chat serves by HTTP; `createSockets` takes the upgrades. */
export const createChatRouter = ({ messages, conversations }: Parts): ServiceRoutes =>
  createRouter('chat', {
    async listConversations({ caller, query }) {
      return { status: 200, body: presentPage(await conversations.list(caller, query), presentConversation) };
    },

    async listMessages({ caller, params: { peerID }, query }) {
      const page =
        query.after === undefined
          ? await conversations.history(caller, peerID, query)
          : await conversations.since(caller, peerID, query.after, query);
      return { status: 200, body: presentPage(page, presentMessage) };
    },

    async markConversationRead({ caller, params, body }) {
      await conversations.markRead(caller, params.peerID, body?.up_to);
      return { status: 204 };
    },

    async connectWebSocket() {
      const detail = 'This path speaks WebSocket only.';
      const headers = { Upgrade: 'websocket', Connection: 'Upgrade' };
      return { status: 426, code: 'upgrade-required', detail, headers };
    },

    async sendMessage({ caller, body: { receiver, text } }) {
      return { status: 201, body: presentMessage(await messages.send({ sender: caller, receiver, text })) };
    },

    async getMessage({ caller, params }) {
      return { status: 200, body: presentMessage(await messages.describe(caller, params.id)) };
    },

    async updateMessage({ caller, params, body }) {
      return { status: 200, body: presentMessage(await messages.rewrite(caller, params.id, body.text)) };
    },

    async deleteMessage({ caller, params }) {
      await messages.delete(caller, params.id);
      return { status: 204 };
    },
  });
