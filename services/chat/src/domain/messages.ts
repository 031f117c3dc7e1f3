import { InvalidError, NotFoundError } from '@wave-connect/chassis/errors';
import type { Message, NewMessage } from '../repository/messages.ts';
import type { Store } from '../repository/store.ts';
import { type Accounts, deletedCaller, deletedReceiver } from './accounts.ts';
import type { Activity } from './activity.ts';
import type { Hub, Listener } from './hub.ts';
import type { Receivers } from './receivers.ts';

export type Messages = ReturnType<typeof createMessages>;

type Parts = { store: Store; accounts: Accounts; receivers: Receivers; hub: Hub; activity: Activity };

/** What people say to one another. */
export function createMessages({ store, accounts, receivers, hub, activity }: Parts) {
  async function storeAndDeliver({ text, sender, receiver }: NewMessage, from?: Listener): Promise<Message> {
    const addressee = receiver.toLowerCase();
    if (addressee === sender) throw ownAddress();
    await receivers.assertExists(sender, addressee);
    const stored = await store.storeMessage({ text, sender, receiver: addressee });
    if ('deleted' in stored) throw stored.deleted === 'sender' ? deletedCaller() : deletedReceiver();
    activity.messageStored(stored.message);
    hub.deliver(stored.message, from);
    return stored.message;
  }

  return {
    /** Stores a message, then hands it to the sockets of both people, but not to `from`. */
    async send(message: NewMessage, from?: Listener): Promise<Message> {
      const release = from && hub.hold(from);
      let responded: string | undefined;
      try {
        const sent = await storeAndDeliver(message, from);
        responded = sent.id;
        return sent;
      } finally {
        release?.(responded);
      }
    },

    /** By its two people; to anyone else it is not there. */
    async describe(caller: string, id: string): Promise<Message> {
      const message = await store.messages.find(id);
      if (message?.sender !== caller && message?.receiver !== caller) throw unknownMessage();
      return message;
    },

    /** By its sender alone. */
    async rewrite(caller: string, id: string, text: string): Promise<Message> {
      await accounts.assertExists(caller);
      const message = await store.messages.rewrite(id, caller, text);
      if (!message) throw unknownMessage();
      activity.messageRewritten(id, caller);
      return message;
    },

    /** By its sender alone. Both people's conversations then show the message before it. */
    async delete(caller: string, id: string): Promise<void> {
      await accounts.assertExists(caller);
      await store.transaction(async ({ messages, conversations }) => {
        const message = await messages.find(id);
        if (message?.sender !== caller) throw unknownMessage();
        await conversations.lock(message.sender, message.receiver);
        if (!(await messages.delete(id))) throw unknownMessage();
        await conversations.forget(message);
      });
      activity.messageDeleted(id, caller);
    },
  };
}

const unknownMessage = () => new NotFoundError('There is no such message.');

function ownAddress(): InvalidError {
  const message = 'must be somebody other than the sender';
  return new InvalidError(`receiver ${message}`, [{ path: '/body/receiver', message }]);
}
