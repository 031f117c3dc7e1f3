import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import { createLogger, Metrics } from '@wave-connect/chassis/observability';
import { createActivity } from '../src/domain/activity.ts';
import { createHub, type Hub, type Listener } from '../src/domain/hub.ts';
import type { Message } from '../src/repository/messages.ts';

describe('a message that comes back as an event before its response', () => {
  const [ada, grace] = [randomUUID(), randomUUID()];
  let hub: Hub;
  let sending: Socket;
  let other: Socket;
  let peer: Socket;

  type Socket = Listener & { received: string[] };

  function join(userId: string): Socket {
    const received: string[] = [];
    const socket = {
      userId,
      sessionId: undefined,
      received,
      receive: ({ id }: Message) => void received.push(id),
      dismiss() {},
    };
    hub.join(socket);
    return socket;
  }

  const message = (sender: string, receiver: string): Message => ({
    id: randomUUID(),
    text: 'hello',
    sender,
    receiver,
    timeSent: new Date(),
  });

  beforeEach(() => {
    const activity = createActivity(createLogger('test', 'silent'), new Metrics('test'));
    hub = createHub({ rememberedDeliveries: 100, activity });
    [sending, other, peer] = [join(ada), join(ada), join(grace)];
  });

  test('reaches the socket that sent it by its response alone, and the others once', () => {
    const sent = message(ada, grace);
    const release = hub.hold(sending);
    hub.deliver(sent);
    hub.deliver(sent, sending);
    release(sent.id);
    assert.deepEqual(sending.received, []);
    assert.deepEqual(other.received, [sent.id]);
    assert.deepEqual(peer.received, [sent.id]);
  });

  test('does not keep back what others write, nor for longer than the response takes what another device sent', () => {
    const [response, fromOther, reply] = [message(ada, grace), message(ada, grace), message(grace, ada)];
    const release = hub.hold(sending);
    hub.deliver(reply);
    hub.deliver(fromOther);
    assert.deepEqual(sending.received, [reply.id]);
    release(response.id);
    assert.deepEqual(sending.received, [reply.id, fromOther.id]);
    const later = message(ada, grace);
    hub.deliver(later);
    assert.deepEqual(sending.received.at(-1), later.id);
  });

  test('reaches the socket that sent it where there is no response', () => {
    const sent = message(ada, grace);
    const release = hub.hold(sending);
    hub.deliver(sent);
    release();
    assert.deepEqual(sending.received, [sent.id]);
  });
});
