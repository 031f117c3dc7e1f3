import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/wait-for.ts';
import { execute, get, kubectl } from '../cluster/kubectl.ts';
import { everythingIn } from '../cluster/leftovers.ts';
import { makeNamespace, removeNamespace } from '../cluster/namespace.ts';
import { Person } from '../support/person.ts';
import { type Checkout, checkOut, type DevLoop, startDevLoop } from './skaffold.ts';

const NAMESPACE = 'wave-e2e-skaffold';
const MEASURED = 10;
const SERVED = { deadlineMs: 120_000, everyMs: 25 };
/** Building an image, bringing it to the cluster and replacing pods. */
const DEPLOYED = { deadlineMs: 600_000, everyMs: 500 };

const FEED = 'services/feed/src';
const MAIN = `${FEED}/main.ts`;
const VALUES = 'charts/wave-connect/values-dev.yaml';
const MIGRATION = 'services/feed/prisma/migrations/29990101000000_e2e';

/** A module that puts a header on each response of the process that imports it. */
const header = (name: string, value: string) => `import { ServerResponse } from 'node:http';
const { writeHead } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function (...args: unknown[]) {
  this.setHeader('${name}', '${value}');
  return Reflect.apply(writeHead, this, args);
};
`;

describe('a day of work with skaffold dev', () => {
  let checkout: Checkout;
  let dev: DevLoop;
  let ada: Person;

  const start = async () => {
    dev = await startDevLoop(checkout, NAMESPACE);
  };
  /** What a response of feed, by way of the gateway, has as a header. */
  const ofFeed = async (name: string) => {
    const { status, headers } = await ada.get('feed/');
    return status === 200 ? headers.get(name) : undefined;
  };
  const ofGateway = async (name: string) => (await fetch(`${dev.url}/livez`)).headers.get(name);
  const isServed = (what: string, ask: () => Promise<boolean>) => waitFor(what, ask, SERVED);
  const replace = (path: string, from: string, to: string) => checkout.replace(path, from, to);

  before(async () => {
    await makeNamespace(NAMESPACE);
    checkout = await checkOut();
    await start();
    ada = await Person.join(dev.url);
  });
  after(async () => {
    await dev?.interrupt();
    await checkout?.discard();
    await removeNamespace(NAMESPACE);
  });

  afterEach((t) => {
    if (!t.passed) t.diagnostic(dev?.output());
  });

  test('a file that is added to a service is served, and each change of it', async (t) => {
    const times: number[] = [];
    for (let edition = 0; edition <= MEASURED; edition++) {
      const begun = performance.now();
      await checkout.write(`${FEED}/edition.ts`, header('x-edition', `${edition}`));
      if (edition === 0) await replace(MAIN, 'import', "import './edition.ts';\nimport");
      await isServed('the edition', async () => (await ofFeed('x-edition')) === `${edition}`);
      if (edition > 0) times.push(performance.now() - begun);
    }
    t.diagnostic(`edit to served, ms: p50 ${Math.round(times.toSorted((a, b) => a - b)[MEASURED / 2] ?? 0)}`);
    t.diagnostic(`all of them: ${times.map(Math.round).join(' ')}`);
  });

  test('a change of what services share reaches each of them', async () => {
    const shared = 'packages/chassis/src/edition.ts';
    await checkout.write(shared, header('x-shared', 'first'));
    for (const service of ['gateway', 'feed'])
      await replace(`services/${service}/src/main.ts`, 'import', `import '../../../${shared}';\nimport`);
    await isServed('it, by the gateway', async () => (await ofGateway('x-shared')) === 'first');
    await isServed('it, by feed', async () => (await ofFeed('x-shared')) === 'first');
    await checkout.write(shared, header('x-shared', 'second'));
    await isServed('its change, by the gateway', async () => (await ofGateway('x-shared')) === 'second');
    await isServed('its change, by feed', async () => (await ofFeed('x-shared')) === 'second');
  });

  test('a change of the contract is validated against, more than once', async () => {
    const post = async () => (await ada.ask('POST', 'feed/', { text: 'longer than ten characters' })).status;
    for (const _ of [1, 2]) {
      await replace('openapi.yaml', 'maxLength: 5000', 'maxLength: 10');
      await isServed('the new contract', async () => (await post()) === 400);
      await replace('openapi.yaml', 'maxLength: 10\n', 'maxLength: 5000\n');
      await isServed('the old contract', async () => (await post()) === 201);
    }
  });

  for (const file of [MAIN, `${FEED}/edition.ts`, 'packages/chassis/src/edition.ts']) {
    test(`a typing mistake in ${file} ends once it is repaired`, async () => {
      const text = await checkout.read(file);
      await checkout.write(file, `${text}const = ;\n`);
      await waitFor('feed to be away', async () => (await ada.get('feed/')).status >= 500, SERVED);
      await checkout.write(file, `${text}// repaired\n`);
      await isServed('feed', async () => (await ofFeed('x-edition')) === `${MEASURED}`);
    });
  }

  test('a file is moved into a new folder', async () => {
    await checkout.write(`${FEED}/extra/edition.ts`, header('x-edition', 'moved'));
    await replace(MAIN, './edition.ts', './extra/edition.ts');
    await checkout.remove(`${FEED}/edition.ts`);
    await isServed('the file that was moved', async () => (await ofFeed('x-edition')) === 'moved');
    await checkout.write(`${FEED}/extra/edition.ts`, header('x-edition', 'changed there'));
    await isServed('its change', async () => (await ofFeed('x-edition')) === 'changed there');
  });

  test('a file that is removed while something imports it is missed, and forgotten with the import', async () => {
    await checkout.remove(`${FEED}/extra/edition.ts`);
    await waitFor('feed to be away', async () => (await ada.get('feed/')).status >= 500, SERVED);
    await replace(MAIN, "import './extra/edition.ts';\n", '');
    await isServed('feed without it', async () => (await ofFeed('x-edition')) === null);
  });

  test('a chart value brings new pods, which run what was copied into those before', async () => {
    await replace(VALUES, 'LOG_LEVEL: debug', 'LOG_LEVEL: info');
    const level = async () => {
      const { spec } = await get(NAMESPACE, 'deployment', 'wave-feed');
      return spec.template.spec.containers[0].env.find(({ name }: { name: string }) => name === 'LOG_LEVEL').value;
    };
    await waitFor('the value', async () => (await level()) === 'info', DEPLOYED);
    await kubectl(['rollout', 'status', 'deployment/wave-feed', '-n', NAMESPACE, '--timeout=5m']);
    await isServed('what was copied', async () => (await ofFeed('x-shared')) === 'second');
    await isServed('what was copied', async () => (await ofGateway('x-shared')) === 'second');
  });

  test('a migration is applied', async () => {
    await checkout.write(`${MIGRATION}/migration.sql`, 'ALTER TABLE publications ADD COLUMN e2e text;\n');
    const ask = `SELECT count(*) FROM information_schema.columns WHERE table_name = 'publications' AND column_name = 'e2e'`;
    const isThere = async () =>
      (await execute(NAMESPACE, 'wave-feed-db-0', `psql -U feed -d feed_db -At -c "${ask}"`)).trim() === '1';
    await waitFor('the column', isThere, DEPLOYED);
    await kubectl(['rollout', 'status', 'deployment/wave-feed', '-n', NAMESPACE, '--timeout=5m']);
    await isServed('feed', async () => (await ofFeed('x-shared')) === 'second');
  });

  test('Ctrl-C takes all away but what the databases hold', async () => {
    await dev.interrupt();
    const claims = ['auth', 'chat', 'feed', 'profile'].map(
      (service) => `PersistentVolumeClaim/data-wave-${service}-db-0`,
    );
    const left = async () => (await everythingIn(NAMESPACE)).filter((name) => !claims.includes(name));
    await waitFor('the rest to go', async () => (await left()).length === 0, SERVED);
  });

  test('the next day begins with the data of the day before, and events flow', async () => {
    await start();
    ada = ada.at(dev.url);
    assert.equal((await ada.logIn()).status, 202);
    const bob = await Person.join(dev.url);
    const hasProfile = async () => (await ada.get(`profile/${bob.id}`)).status === 200;
    await waitFor('a profile, by event', hasProfile, SERVED);
    assert.equal(await ofFeed('x-shared'), 'second');
  });
});
