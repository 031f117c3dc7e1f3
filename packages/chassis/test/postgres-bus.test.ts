import { testDatabases } from '@wave-connect/dev-env/testing';
import { constantSecret } from '../src/config/secret.ts';
import { createPostgresBus } from '../src/events/postgres/bus.ts';
import { eventBusContract } from './event-bus-contract.ts';
import { silent } from './support.ts';

eventBusContract('postgres', {
  async start(topics) {
    const url = await (await testDatabases()).freshDatabase('bus');
    return (clientId) => createPostgresBus(constantSecret(url), { topics, clientId, log: silent });
  },
});
