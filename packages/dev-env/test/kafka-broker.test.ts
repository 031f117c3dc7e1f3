import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { startKafka } from '../src/kafka/index.ts';
import { defaultLibDir, kafkaUnavailable } from '../src/kafka/runtime.ts';
import { freePorts, temporaryFolder } from '../src/machine/index.ts';
import { isAlive } from '../src/processes/index.ts';
import { testKafkaUnavailable } from '../src/testing/index.ts';

const skip = testKafkaUnavailable() ?? false;

const client = (bootstrap: string) =>
  new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 1 } });

async function offsets(bootstrap: string, topic: string): Promise<string[]> {
  const admin = client(bootstrap).admin();
  await admin.connect();
  try {
    return (await admin.fetchTopicOffsets(topic)).map(({ high }) => high);
  } finally {
    await admin.disconnect();
  }
}

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
