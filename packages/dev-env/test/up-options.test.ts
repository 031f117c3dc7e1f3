import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USUAL_PORTS } from '../src/system/index.ts';
import { portVariable, readUpOptions } from '../src/up/options.ts';

test('an empty environment means the usual ports, without Kafka', () => {
  const options = readUpOptions({ JWT_SECRET: '', CHAT_PORT: '' });
  assert.deepEqual(options.ports, USUAL_PORTS);
  assert.equal(options.kafka, false);
  assert.equal(options.jwtSecret, undefined);
  assert.equal(options.rateLimit, 'on');
  assert.match(options.dataDir, /\/\.data$/);
});

test('each port can be chosen, the gateway one by two names', () => {
  const options = readUpOptions({ PORT: '9000', CHAT_PORT: '9001', FEED_METRICS_PORT: '9002', KAFKA: '1' });
  assert.equal(options.ports.gateway, 9000);
  assert.equal(options.ports.chat, 9001);
  assert.equal(options.ports['feed-metrics'], 9002);
  assert.equal(options.kafka, true);
  assert.equal(readUpOptions({ PORT: '9000', GATEWAY_PORT: '9003' }).ports.gateway, 9003);
});

test('the variable to name is the one that decided', () => {
  assert.equal(portVariable('gateway', { PORT: '9000' }), 'PORT');
  assert.equal(portVariable('gateway', { PORT: '9000', GATEWAY_PORT: '9003' }), 'GATEWAY_PORT');
  assert.equal(portVariable('profile-metrics', {}), 'PROFILE_METRICS_PORT');
  assert.equal(portVariable('profile-grpc', {}), 'PROFILE_GRPC_PORT');
});

test('what is no port is refused by name', () => {
  for (const text of ['x', '-1', '65536', '80.5', '0x50']) {
    assert.throws(() => readUpOptions({ AUTH_PORT: text }), { name: 'SetupError', message: /^AUTH_PORT is / });
  }
});
