import { describe, test } from 'node:test';
import { testKafka, testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { type KafkaConfig, readEventsConfig } from '../src/config/events.ts';
import { createKafkaBus } from '../src/events/kafka-bus.ts';
import { createKafkaDeadLetters } from '../src/events/kafka-dead-letters.ts';
import { eventBusContract } from './event-bus-contract.ts';
import { foreignDeadLetters } from './kafka-dead-letters.ts';
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
      return {
        bus: (clientId) => createKafkaBus(config, { clientId, log: silent }),
        deadLetters: () => createKafkaDeadLetters(config, { clientId: 'operator', log: silent }),
      };
    },
  });
  // In one process with the contract: one at a time is at the dead letters.
  describe('kafka, dead letters of others', foreignDeadLetters);
}
