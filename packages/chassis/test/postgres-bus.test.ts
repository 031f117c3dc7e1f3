import { testDatabases } from '@wave-connect/dev-env/testing';
import { constantSecret } from '../src/config/secret.ts';
import { createPostgresBus } from '../src/events/postgres-bus.ts';
import { createPostgresDeadLetters } from '../src/events/postgres-dead-letters.ts';
import { eventBusContract } from './event-bus-contract.ts';
import { silent } from './support.ts';

eventBusContract('postgres', {
  async start(topics) {
    const url = await (await testDatabases()).freshDatabase('bus');
    return {
      bus: (clientId) => createPostgresBus(constantSecret(url), { topics, clientId, log: silent }),
      deadLetters: () => createPostgresDeadLetters(constantSecret(url), { clientId: 'operator', log: silent }),
    };
  },
});
