import { describe, test } from 'node:test';
import { testKafka, testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { type KafkaConfig, readEventsConfig } from '../src/config/events.ts';
import { createKafkaBus } from '../src/events/kafka/bus.ts';
import { eventBusContract } from './event-bus-contract.ts';
import { foreignMessages } from './foreign-messages.ts';
import { silent } from './support.ts';

const skip = testKafkaUnavailable();
if (skip !== undefined) {
  test('the contract of the event bus on Kafka', { skip }, () => {});
} else {
  eventBusContract('kafka', {
    async start(topics) {
      const { url, createTopics } = await testKafka();
      await createTopics(topics);
      const config = readEventsConfig({ EVENTS_URL: url }) as KafkaConfig;
      return (clientId) => createKafkaBus(config, { clientId, log: silent });
    },
  });
  describe('kafka, messages of others', foreignMessages);
}
