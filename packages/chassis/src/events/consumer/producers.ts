import { type EventHandler, sourceOf } from '../event.ts';

/** Another than its topic's producer published the event, so it is not tried again. */
export class ForeignEventError extends Error {
  override readonly name = 'ForeignEventError';
  readonly source: string;

  constructor(source: string, producer: string) {
    super(`it comes from ${JSON.stringify(source)}, not from ${producer}, which alone publishes to this topic`);
    this.source = source;
  }
}

/**
 * The handler for events of that producer alone. The relay writes into each event the service whose outbox it was in. A
 * process that lies about that is kept from foreign topics by Kafka's ACLs; a Postgres bus trusts its processes.
 */
export const onlyFrom =
  <Data>(producer: string, handler: EventHandler<Data>): EventHandler<Data> =>
  async (event) => {
    if (event.source !== sourceOf(producer)) throw new ForeignEventError(event.source, producer);
    await handler(event);
  };
