import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeKafkaFailure } from '../src/events/kafka-failure.ts';

const named = (name: string, over: object = {}) => Object.assign(new Error('broker.internal:9092'), { name, ...over });

test('silence of the brokers is an outage', () => {
  for (const name of ['KafkaJSConnectionError', 'KafkaJSRequestTimeoutError', 'KafkaJSNoBrokerAvailableError']) {
    assert.equal(describeKafkaFailure(named(name)).kind, 'away');
  }
  const wrapped = named('KafkaJSNumberOfRetriesExceeded', { cause: named('KafkaJSConnectionError') });
  assert.equal(describeKafkaFailure(wrapped).kind, 'away');
  assert.equal(describeKafkaFailure(named('KafkaJSProtocolError', { type: 'LEADER_NOT_AVAILABLE' })).kind, 'away');
});

test('a topic that does not exist is waited for', () => {
  const error = named('KafkaJSProtocolError', { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  assert.equal(describeKafkaFailure(error).kind, 'no topic');
});

test('any other answer is a refusal, told without a host', () => {
  const failure = describeKafkaFailure(named('KafkaJSProtocolError', { type: 'GROUP_AUTHORIZATION_FAILED' }));
  assert.equal(failure.kind, 'refused');
  assert.match(failure.reason, /GROUP_AUTHORIZATION_FAILED/);
  assert.doesNotMatch(failure.reason, /internal/);
  assert.equal(describeKafkaFailure(new TypeError('a bug')).kind, 'refused');
});
