import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MissingCredentialError } from '../src/events/kafka/client.ts';
import { describeKafkaFailure } from '../src/events/kafka/failure.ts';

const named = (name: string, over: object = {}) => Object.assign(new Error('broker.internal:9092'), { name, ...over });

test('silence of the brokers is an outage', () => {
  for (const name of ['KafkaJSConnectionError', 'KafkaJSRequestTimeoutError', 'KafkaJSNoBrokerAvailableError']) {
    assert.equal(describeKafkaFailure(named(name)).kind, 'away');
  }
  const wrapped = named('KafkaJSNumberOfRetriesExceeded', { cause: named('KafkaJSConnectionError') });
  assert.equal(describeKafkaFailure(wrapped).kind, 'away');
  assert.equal(describeKafkaFailure(named('KafkaJSProtocolError', { type: 'LEADER_NOT_AVAILABLE' })).kind, 'away');
});

test('what a new process would need too is waited for, and told without a host', () => {
  const protocol = (type: string) => named('KafkaJSProtocolError', { type });
  for (const [error, reason] of [
    [protocol('UNKNOWN_TOPIC_OR_PARTITION'), 'its topics are not all there'],
    [protocol('GROUP_AUTHORIZATION_FAILED'), 'it lacks a right: GROUP_AUTHORIZATION_FAILED'],
    [named('KafkaJSSASLAuthenticationError'), 'the brokers refuse the login'],
    [
      named('KafkaJSNonRetriableError', { cause: named('KafkaJSSASLAuthenticationError') }),
      'the brokers refuse the login',
    ],
    [
      named('KafkaJSConnectionError', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
      'the certificate of the brokers is not trusted',
    ],
    [new MissingCredentialError('the password is not there yet'), 'the password is not there yet'],
  ] as const) {
    assert.deepEqual(describeKafkaFailure(error), { kind: 'unmet', reason });
  }
});

test('any other response means that the client is broken', () => {
  const failure = describeKafkaFailure(named('KafkaJSProtocolError', { type: 'CORRUPT_MESSAGE' }));
  assert.equal(failure.kind, 'broken');
  assert.match(failure.reason, /CORRUPT_MESSAGE/);
  assert.doesNotMatch(failure.reason, /internal/);
  assert.equal(describeKafkaFailure(new TypeError('a bug')).kind, 'broken');
});
