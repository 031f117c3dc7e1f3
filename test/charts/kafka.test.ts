import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { KAFKA_TOPICS, TOPICS } from '@wave-connect/chassis/events';
import { dataServices, root } from './charts.ts';
import { named, ofKind, render, unrendered } from './rendered.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('Kafka', { skip: unrendered }, () => {
  const resources = unrendered ? [] : render();
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);

  test('has the topics of the contract, with their partitions and retention', () => {
    const topics = ofKind(resources, 'KafkaTopic').map(({ spec: { topicName, partitions, config } }) => {
      const { 'min.insync.replicas': _, ...kept } = config;
      return { name: topicName, partitions, config: kept };
    });
    assert.deepEqual(topics.sort(byName), KAFKA_TOPICS.toSorted(byName));
  });

  const may = (user: string, type: string, operation: string): string[] =>
    named(resources, 'KafkaUser', `wave-kafka-${user}`)
      .spec.authorization.acls.filter(
        (acl: { resource: { type: string }; operations: string[] }) =>
          acl.resource.type === type && acl.operations.includes(operation),
      )
      .map(({ resource }: { resource: { name: string } }) => resource.name)
      .sort();
  const topics = TOPICS.map(({ name }) => name);

  for (const service of dataServices) {
    const consumed = topics.filter((topic) => read(`services/${service}/src/service.ts`).includes(`'${topic}': on`));
    test(`${service} may read what it consumes`, () => {
      assert.deepEqual(may(service, 'topic', 'Read'), [...consumed].sort());
    });
    test(`${service} may write what it publishes`, () => {
      assert.deepEqual(may(service, 'topic', 'Write'), topics.filter((topic) => publishes(service, topic)).sort());
    });
    test(`${service} may join the groups that its events wait for`, () => {
      const groups = TOPICS.flatMap((topic) => topic.groups).includes(service) ? [service] : [];
      const own = service === 'chat' ? [...groups, 'chat.chat.'] : groups;
      assert.deepEqual(may(service, 'group', 'Read'), own);
    });
  }
});

/** Whether a service's code, or a function of its database, appends such events to its outbox. */
const publishes = (service: string, topic: string): boolean =>
  globSync(`services/${service}/src/**/*.ts`, { cwd: root }).some((file) => read(file).includes(`append('${topic}'`)) ||
  globSync(`services/${service}/prisma/migrations/*/migration.sql`, { cwd: root }).some((file) =>
    read(file).includes(`'${topic}'`),
  );
