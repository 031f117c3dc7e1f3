import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { startKafka } from '../src/kafka/index.ts';
import { defaultLibDir, kafkaUnavailable } from '../src/kafka/runtime.ts';
import { freePorts, temporaryFolder } from '../src/machine/index.ts';
import { isAlive } from '../src/processes/index.ts';
import { testKafkaUnavailable } from '../src/testing/index.ts';

const skip = testKafkaUnavailable() ?? false;

const client = (bootstrap: string) =>
  new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 1 } });

async function asAdmin<Result>(bootstrap: string, ask: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = client(bootstrap).admin();
  await admin.connect();
  try {
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}

const offsets = (bootstrap: string, topic: string): Promise<string[]> =>
  asAdmin(bootstrap, async (admin) => (await admin.fetchTopicOffsets(topic)).map(({ high }) => high));

/** Kafka's number for a topic as what has settings. */
const TOPIC_RESOURCE = 2;

const settings = (bootstrap: string, name: string, configNames: string[]): Promise<Record<string, string>> =>
  asAdmin(bootstrap, async (admin) => {
    const resources = [{ type: TOPIC_RESOURCE, name, configNames }];
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    const entries = described.resources[0]?.configEntries ?? [];
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  });

async function send(bootstrap: string, topic: string): Promise<void> {
  const producer = client(bootstrap).producer();
  await producer.connect();
  try {
    await producer.send({ topic, messages: [{ key: 'k', value: 'v' }] });
  } finally {
    await producer.disconnect();
  }
}

test('it keeps its topics and events over a restart and a kill', { skip }, async (t) => {
  const dataDir = await temporaryFolder();
  const broker = await startKafka({ dataDir, persistent: false });
  t.after(() => broker.stop());
  await broker.createTopics([{ name: 'events', partitions: 1, config: { 'retention.ms': '-1' } }]);
  await broker.createTopics([
    { name: 'events', partitions: 1 },
    { name: 'events.dlq', partitions: 1 },
  ]);
  await send(broker.bootstrap, 'events');
  await broker.restart();
  assert.deepEqual(await offsets(broker.bootstrap, 'events'), ['1']);

  await send(broker.bootstrap, 'events');
  await broker.kill();
  await broker.restart();
  assert.deepEqual(await offsets(broker.bootstrap, 'events'), ['2']);
  await assert.rejects(send(broker.bootstrap, 'never-created'), /does not host this topic/);

  await broker.stop();
  assert.equal(isAlive(broker.pid), false);
  assert.equal(existsSync(dataDir), false);
});

test('topics get the settings that are given, those that exist as well', { skip }, async (t) => {
  const broker = await startKafka({ dataDir: await temporaryFolder(), persistent: false });
  t.after(() => broker.stop());
  await broker.createTopics([{ name: 'old', partitions: 1 }]);
  const config = { 'retention.ms': 900_000, 'segment.bytes': 16_777_216 };
  await broker.createTopics([
    { name: 'old', partitions: 2, config },
    { name: 'new', partitions: 1, config },
  ]);
  for (const topic of ['old', 'new']) {
    assert.deepEqual(await settings(broker.bootstrap, topic, Object.keys(config)), {
      'retention.ms': '900000',
      'segment.bytes': '16777216',
    });
  }
  assert.equal((await offsets(broker.bootstrap, 'old')).length, 1);
});

test('clients of a further listener connect to its advertised port', { skip }, async (t) => {
  const [port, advertisedPort] = (await freePorts(2)) as [number, number];
  const listeners = [{ name: 'PROXIED', port, advertisedPort }];
  const broker = await startKafka({ dataDir: await temporaryFolder(), persistent: false, listeners });
  t.after(() => broker.stop());
  await broker.createTopics([{ name: 'events', partitions: 1 }]);
  await assert.rejects(offsets(`127.0.0.1:${port}`, 'events'), new RegExp(`ECONNREFUSED 127.0.0.1:${advertisedPort}`));
});

test('a fetch leaves nothing behind but the jars', { skip }, () => {
  const entries = readdirSync(defaultLibDir());
  assert.deepEqual(
    entries.filter((entry) => !/^[0-9a-f]{12}$/.test(entry)),
    [],
  );
});

test('without Java or Maven it says so', async () => {
  const nowhere = await temporaryFolder();
  const path = process.env.PATH;
  process.env.PATH = nowhere;
  try {
    assert.match(kafkaUnavailable(join(nowhere, 'lib')) ?? '', /Maven|Java/);
  } finally {
    process.env.PATH = path;
    await rm(nowhere, { recursive: true });
  }
});
