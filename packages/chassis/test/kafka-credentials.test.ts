import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { createKeystore, type KafkaBroker, setKafkaPassword, startKafka } from '@wave-connect/dev-env/kafka';
import { freePort, temporaryFolder } from '@wave-connect/dev-env/machine';
import { testDatabases, testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { readCommonConfig } from '../src/config/common.ts';
import { readDatabaseConfig } from '../src/config/database.ts';
import { readEventsConfig } from '../src/config/events.ts';
import { applyMigrations } from '../src/database/migrate.ts';
import { readPrismaFolder } from '../src/database/migrations.ts';
import { importDeadLetters } from '../src/dead-letters/import.ts';
import { TOPICS } from '../src/events/topics.ts';
import { createLogger } from '../src/observability/log.ts';
import { type Base, createBase, type Service } from '../src/service/base.ts';
import { anEvent } from './support.ts';

const DEADLINE = { deadlineMs: 60_000 };
const PRISMA_DIR = new URL('../../../services/chat/prisma/', import.meta.url);
const USER = 'chat';
const log = createLogger('test', process.env.TEST_LOG_LEVEL ?? 'silent');
const skip = testKafkaUnavailable() ?? false;

let broker: KafkaBroker;
let port: number;
let databaseUrl: string;
let keystore: { keystore: string; password: string };
let certificate: string;
/** What is mounted into a pod. */
let mounted: string;
const services: Service[] = [];

before(async () => {
  if (skip !== false) return;
  const folder = await temporaryFolder();
  keystore = { keystore: join(folder, 'broker.p12'), password: 'of the keystore' };
  certificate = await createKeystore(keystore);
  port = await freePort();
  const secured = { name: 'SECURED', port, advertisedPort: port, secured: keystore };
  broker = await startKafka({ dataDir: join(folder, 'kafka'), persistent: false, listeners: [secured] });
  await broker.createTopics(TOPICS);
  databaseUrl = await (await testDatabases()).freshDatabase('credentials');
  await applyMigrations(databaseUrl, readPrismaFolder(PRISMA_DIR));
});
afterEach(() => Promise.all(services.splice(0).map((service) => service.stop())));
after(() => broker?.stop());

/** Replaces the file in one step, as the kubelet does. */
async function put(name: string, content: string): Promise<void> {
  await writeFile(join(mounted, `${name}.new`), content);
  await rename(join(mounted, `${name}.new`), join(mounted, name));
}

const eventsEnv = () => ({
  EVENTS_URL: `kafka://127.0.0.1:${port}`,
  KAFKA_TLS: 'true',
  KAFKA_TLS_CA_FILE: join(mounted, 'ca'),
  KAFKA_SASL_USERNAME_FILE: join(mounted, 'username'),
  KAFKA_SASL_PASSWORD_FILE: join(mounted, 'password'),
});

/** A service on files that are not there, which consumes what it publishes. */
async function startService() {
  mounted = await temporaryFolder();
  const env = { DATABASE_URL: databaseUrl, INSTANCE_ID: randomUUID(), ...eventsEnv() };
  const config = {
    ...readCommonConfig({ port: 0, metricsPort: 0 }, env),
    database: readDatabaseConfig(env),
    events: readEventsConfig(env),
  };
  const base = createBase('chat', config, PRISMA_DIR, { log });
  const seen = new Set<string>();
  const see = async ({ id }: { id: string }) => void seen.add(id);
  base.consume({ 'user-deleted': see });
  base.consume({ 'chat-messages': see }, { ephemeral: true });
  const service = base.serve((_req, res) => res.end());
  await service.start();
  services.push(service);
  return { base, seen };
}

/** What each check waits for. */
async function details(base: Base): Promise<Set<string | undefined>> {
  const { ok, checks } = await base.health.readiness();
  assert.ok(ok, JSON.stringify(checks));
  return new Set(checks.filter(({ name }) => name !== 'database').map(({ status, detail }) => detail ?? status));
}

const waitsFor = (base: Base, expected: string) =>
  waitFor(
    expected,
    async () => {
      const found = await details(base);
      return found.size === 1 && found.has(expected);
    },
    DEADLINE,
  );

async function roundTrip({ base, seen }: { base: Base; seen: Set<string> }): Promise<void> {
  const [sender, receiver] = [randomUUID(), randomUUID()];
  const message = { id: randomUUID(), text: 'hi', sender, receiver, time_sent: new Date().toISOString() };
  const events = [
    anEvent('user-deleted', { source: '/auth', data: { user_id: sender } }),
    anEvent('chat-messages', { source: '/chat', data: message }),
  ];
  await waitFor('the bus to take events', () => base.bus.publish(events).then(() => true), DEADLINE);
  await waitFor('the events', () => events.every(({ id }) => seen.has(id)), DEADLINE);
}

async function giveAll(password: string): Promise<void> {
  await setKafkaPassword(broker.bootstrap, USER, password);
  await mkdir(join(mounted, 'ca'));
  await put('ca/ca.crt', certificate);
  await put('username', `${USER}\n`);
  await put('password', password);
}

test('without its user and CA a service is ready, and consumes and publishes once they are there', {
  skip,
}, async () => {
  const service = await startService();
  const { base } = service;
  await waitsFor(base, 'the certificate authority is not there yet');
  const takeOver = () => importDeadLetters(base.pool, 'chat', readEventsConfig(eventsEnv()));
  await assert.rejects(takeOver(), /the certificate authority is not there yet/);

  await mkdir(join(mounted, 'ca'));
  await put('ca/ca.crt', certificate);
  await waitsFor(base, 'the user name is not there yet');
  await put('username', USER);
  await waitsFor(base, 'the password is not there yet');
  await put('password', 'first');
  await waitsFor(base, 'the brokers refuse the login');
  await setKafkaPassword(broker.bootstrap, USER, 'first');
  await waitsFor(base, 'ok');
  await roundTrip(service);
  assert.equal(await takeOver(), 0);
});

test('a new password is taken once the brokers ask for it', { skip }, async () => {
  const service = await startService();
  await giveAll('second');
  await waitsFor(service.base, 'ok');
  await roundTrip(service);

  await setKafkaPassword(broker.bootstrap, USER, 'third');
  await broker.kill();
  await broker.restart();
  await waitFor('a refusal', async () => (await details(service.base)).has('the brokers refuse the login'), DEADLINE);
  assert.ok(service.base.health.liveness().ok);
  await put('password', 'third');
  await waitsFor(service.base, 'ok');
  await roundTrip(service);
});

test('a renewed CA is trusted as soon as it lies beside the one before', { skip }, async () => {
  const service = await startService();
  await giveAll('fourth');
  await waitsFor(service.base, 'ok');

  await rm(keystore.keystore);
  const renewed = await createKeystore(keystore);
  await broker.kill();
  await broker.restart();
  const untrusted = 'the certificate of the brokers is not trusted';
  await waitFor('distrust', async () => (await details(service.base)).has(untrusted), DEADLINE);
  await put('ca/ca-renewed.crt', renewed);
  await waitsFor(service.base, 'ok');
  await roundTrip(service);
});
