import assert from 'node:assert/strict';
import { dirname, relative } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
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
const SHARED = 'packages/chassis/src/shared.ts';
const VALUES = 'charts/wave-connect/values-dev.yaml';
const MIGRATION = 'services/feed/prisma/migrations/29990101000000_e2e';

/** A module, at `path`, that puts a header on each response of its process: an edition, and that of the module SHARED. */
const edition = (path: string, header: string, own: string) => `import { ServerResponse } from 'node:http';
import { shared } from '${relative(dirname(path), SHARED)}';
const { writeHead } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function (...args: unknown[]) {
  this.setHeader('${header}', \`${own}-\${shared}\`);
  return Reflect.apply(writeHead, this, args);
};
`;
/** A header that the gateway passes on. */
const PASSED_ON = 'content-language';
const OWN = 'x-edition';

const noFeed = () => undefined;

describe('a day of work with skaffold dev', () => {
  let checkout: Checkout;
  let dev: DevLoop;
  let ada: Person;

  const start = async () => {
    dev = await startDevLoop(checkout, NAMESPACE);
  };
  const replace = (path: string, from: string, to: string) => checkout.replace(path, from, to);
  const writeFeed = (path: string, own: string) => checkout.write(path, edition(path, PASSED_ON, own));
  const writeShared = (value: string) => checkout.write(SHARED, `export const shared = '${value}';\n`);

  /** What feed serves by way of the gateway: its edition, '' where it has none. */
  const ofFeed = async () => {
    const { status, headers } = await ada.get('feed/');
    return status === 200 ? (headers[PASSED_ON] ?? '') : undefined;
  };
  const ofGateway = async () => (await fetch(`${dev.url}/livez`)).headers.get(OWN);
  const untilFeed = (expected: string) =>
    waitFor(`feed's edition "${expected}"`, async () => (await ofFeed()) === expected, SERVED);
  const untilGateway = (expected: string) =>
    waitFor(`the gateway's edition "${expected}"`, async () => (await ofGateway()) === expected, SERVED);
  /** Also where the gateway is, which a change of what services share concerns, too. */
  const untilFeedIsAway = () =>
    waitFor('feed to be away', async () => (await ofFeed().catch(noFeed)) === undefined, SERVED);

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

  test('files that are added are served, and each change of them', async (t) => {
    const times: number[] = [];
    await writeShared('a');
    await writeFeed(`${FEED}/edition.ts`, '0');
    await replace(MAIN, 'import', "import './edition.ts';\nimport");
    await untilFeed('0-a');
    for (let number = 1; number <= MEASURED; number++) {
      const begun = performance.now();
      await writeFeed(`${FEED}/edition.ts`, `${number}`);
      await untilFeed(`${number}-a`);
      times.push(Math.round(performance.now() - begun));
    }
    t.diagnostic(`edit to served, ms: ${times.join(' ')}; p50 ${times.toSorted((a, b) => a - b)[MEASURED / 2]}`);
  });

  test('a change of what services share reaches each of them', async () => {
    const path = 'services/gateway/src/edition.ts';
    await checkout.write(path, edition(path, OWN, 'gateway'));
    await replace('services/gateway/src/main.ts', 'import', "import './edition.ts';\nimport");
    await untilGateway('gateway-a');
    await writeShared('b');
    await untilGateway('gateway-b');
    await untilFeed(`${MEASURED}-b`);
  });

  test('requests are validated against a changed contract, each time that it changes', async () => {
    const post = async () => (await ada.ask('POST', 'feed/', { text: 'longer than ten characters' })).status;
    for (const _ of [1, 2]) {
      await replace('openapi.yaml', 'maxLength: 5000\n', 'maxLength: 10\n');
      await waitFor('the new contract', async () => (await post()) === 400, SERVED);
      await replace('openapi.yaml', 'maxLength: 10\n', 'maxLength: 5000\n');
      await waitFor('the old contract', async () => (await post()) === 201, SERVED);
    }
  });

  for (const file of [MAIN, `${FEED}/edition.ts`, SHARED]) {
    test(`a typing mistake in ${file} is over once it is repaired`, async () => {
      const text = await checkout.read(file);
      await checkout.write(file, `${text}const = ;\n`);
      await untilFeedIsAway();
      await checkout.write(file, text);
      await untilFeed(`${MEASURED}-b`);
    });
  }

  test('a file is moved into a new folder, and changed there', async () => {
    const moved = `${FEED}/extra/edition.ts`;
    await writeFeed(moved, 'moved');
    await replace(MAIN, './edition.ts', './extra/edition.ts');
    await checkout.remove(`${FEED}/edition.ts`);
    await untilFeed('moved-b');
    await writeFeed(moved, 'changed');
    await untilFeed('changed-b');
  });

  test('a file that is removed is missed as long as something imports it', async () => {
    await checkout.remove(`${FEED}/extra/edition.ts`);
    await untilFeedIsAway();
    await replace(MAIN, "import './extra/edition.ts';\n", '');
    await untilFeed('');
  });

  test('a chart value brings new pods, which run what was copied into those before', async () => {
    await replace(VALUES, 'LOG_LEVEL: debug', 'LOG_LEVEL: info');
    const level = async () => {
      const { spec } = await get(NAMESPACE, 'deployment', 'wave-gateway');
      return spec.template.spec.containers[0].env.find(({ name }: { name: string }) => name === 'LOG_LEVEL').value;
    };
    await waitFor('the value', async () => (await level()) === 'info', DEPLOYED);
    await kubectl(['rollout', 'status', 'deployment/wave-gateway', '-n', NAMESPACE, '--timeout=5m']);
    await untilGateway('gateway-b');
  });

  test('a migration is applied', async () => {
    await checkout.write(`${MIGRATION}/migration.sql`, 'ALTER TABLE publications ADD COLUMN e2e text;\n');
    const ask = `SELECT count(*) FROM information_schema.columns WHERE table_name = 'publications' AND column_name = 'e2e'`;
    const isThere = async () =>
      (await execute(NAMESPACE, 'wave-feed-db-0', `psql -U feed -d feed_db -At -c "${ask}"`)).trim() === '1';
    await waitFor('the column', isThere, DEPLOYED);
    await kubectl(['rollout', 'status', 'deployment/wave-feed', '-n', NAMESPACE, '--timeout=5m']);
    await untilFeed('');
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
    assert.equal(await ofGateway(), 'gateway-b');
  });
});
