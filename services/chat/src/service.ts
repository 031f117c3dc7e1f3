import { createErasures } from '@wave-connect/chassis/events';
import { createServiceApp } from '@wave-connect/chassis/http/app';
import { createProfileClient } from '@wave-connect/chassis/profile-client';
import { followRevocations } from '@wave-connect/chassis/revocations';
import { createBase, type Overrides, type Service } from '@wave-connect/chassis/service/base';
import { createFrameLimits } from './api/frame-limits.ts';
import { createChatRouter } from './api/router.ts';
import { createSockets } from './api/sockets.ts';
import type { ChatConfig } from './config.ts';
import { createAccounts } from './domain/accounts.ts';
import { createActivity } from './domain/activity.ts';
import { createConversations } from './domain/conversations.ts';
import { createHub } from './domain/hub.ts';
import { createMessages } from './domain/messages.ts';
import { createReceivers } from './domain/receivers.ts';
import { onChatMessage } from './events/chat-messages.ts';
import { onSessionRevoked } from './events/session-revoked.ts';
import { onUserDeleted, onUserGone } from './events/user-deleted.ts';
import { prismaDir } from './repository/client.ts';
import { createStore } from './repository/store.ts';

export function createChat(config: ChatConfig, overrides: Overrides = {}): Service {
  const base = createBase('chat', config, prismaDir, overrides);
  const store = createStore(base.pool, base.outbox, { maxWaiting: config.maxWaitingMessages });
  const activity = createActivity(base.log, base.metrics);
  const hub = createHub({ rememberedDeliveries: config.rememberedDeliveries, activity });
  const accounts = createAccounts(store);
  const profiles = createProfileClient(config.profiles, base);
  const receivers = createReceivers(store, profiles);
  const messages = createMessages({ store, accounts, receivers, hub, activity });
  const conversations = createConversations({ store, accounts });

  const erasures = createErasures(
    {
      transaction: store.transaction,
      eraseBatch: ({ people }, userId, rows) => people.eraseBatch(userId, rows),
      batchRows: config.erasureBatchRows,
    },
    base,
  );

  base.consume({ 'user-deleted': onUserDeleted(erasures) });
  // Each replica hears of everything, for any of them may hold the sockets that it concerns.
  base.consume(
    { 'chat-messages': onChatMessage(hub), 'session-revoked': onSessionRevoked(hub), 'user-deleted': onUserGone(hub) },
    { ephemeral: true },
  );
  // Without the bus, too.
  const revocations = followRevocations(config.authUrl, { ...base, onRevoked: hub.dismiss });

  const app = createServiceApp({ ...base, ...createChatRouter({ messages, conversations }) });
  const { shedding, log } = base;
  const frameLimits = createFrameLimits(config.frameLimits);
  return base.serve(app, {
    parts: [erasures, revocations.part, { name: 'profiles', stop: async () => profiles.close() }],
    sockets: (server) =>
      createSockets(server, {
        accounts,
        messages,
        hub,
        activity,
        shedding,
        frameLimits,
        config: config.sockets,
        log,
        revocations,
      }),
  });
}
