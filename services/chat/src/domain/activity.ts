import type { Logger, Metrics } from '@wave-connect/chassis/observability';
import type { Message } from '../repository/messages.ts';

export type Activity = ReturnType<typeof createActivity>;

/** What happens in the chat, as operators see it: log lines and counters. What people write, and to whom, stays out of both. */
export function createActivity(log: Logger, metrics: Metrics) {
  const stored = metrics.counter('chat_messages_stored_total', 'Messages stored.');
  const deliveries = metrics.counter(
    'chat_deliveries_total',
    'Messages handed to open sockets, the responses to their own frames aside.',
  );
  const slowReaders = metrics.counter('chat_slow_readers_cut_total', 'Sockets cut off for reading too slowly.');
  const refused = metrics.counter(
    'chat_frames_refused_total',
    'Frames refused because their account sent more than its limit.',
  );
  let open = 0;
  metrics.observedGauge('chat_sockets_open', 'Open sockets.', () => open);

  return {
    messageStored({ id, sender }: Message): void {
      stored.inc();
      log.info({ message_id: id, user_id: sender }, 'message stored');
    },
    messageRewritten: (id: string, userId: string) => log.info({ message_id: id, user_id: userId }, 'message changed'),
    messageDeleted: (id: string, userId: string) => log.info({ message_id: id, user_id: userId }, 'message deleted'),
    messageDelivered: () => deliveries.inc(),
    socketOpened(userId: string): void {
      open += 1;
      log.info({ user_id: userId }, 'socket opened');
    },
    socketClosed(userId: string, code: number): void {
      open -= 1;
      log.info({ user_id: userId, code }, 'socket closed');
    },
    frameRefused: () => refused.inc(),
    slowReaderCut(userId: string): void {
      slowReaders.inc();
      log.warn({ user_id: userId }, 'slow reader cut off');
    },
  };
}
