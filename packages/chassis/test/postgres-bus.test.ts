import { testDatabases } from '@wave-connect/dev-env/testing';
import { createPostgresBus } from '../src/events/postgres-bus.ts';
import { createPostgresDeadLetters } from '../src/events/postgres-dead-letters.ts';
import { eventBusContract } from './event-bus-contract.ts';
import { silent } from './support.ts';

eventBusContract('postgres', {
  async start(topics) {
    const url = await (await testDatabases()).freshDatabase('bus');
    return {
      bus: (clientId) => createPostgresBus(url, { topics, clientId, log: silent }),
      deadLetters: () => createPostgresDeadLetters(url, { clientId: 'operator', log: silent }),
    };
  },
});
