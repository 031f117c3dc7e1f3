import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import { readCommonConfig } from '../src/config/common.ts';
import { readDatabaseConfig } from '../src/config/database.ts';
import { ConfigError, readEnv, readGroups, secret, serviceUrl } from '../src/config/env.ts';
import { type KafkaConfig, readEventsConfig } from '../src/config/events.ts';

const DEFAULTS = { port: 8081, metricsPort: 9181 };

test('an empty environment gives the defaults', () => {
  const config = readCommonConfig(DEFAULTS, {});
  assert.deepEqual([config.host, config.port, config.metricsPort, config.logLevel], ['127.0.0.1', 8081, 9181, 'info']);
});

test('an empty variable counts as unset', () => {
  assert.equal(readCommonConfig(DEFAULTS, { PORT: '' }).port, 8081);
});

test('every wrong variable is named at once, with what would be right', () => {
  assert.throws(
    () => readCommonConfig(DEFAULTS, { PORT: 'eighty', METRICS_PORT: '70000', LOG_LEVEL: 'loud' }),
    (error: ConfigError) => {
      assert.equal(error.problems.length, 3);
      assert.match(error.message, /PORT: must be a whole number from 0 to 65535, for example 8081/);
      assert.match(error.message, /LOG_LEVEL: must be one of trace, debug, info/);
      return true;
    },
  );
});

test('the problems of all groups of settings are named at once', () => {
  const env = { PORT: 'eighty', DB_HOST: 'db' };
  const groups = {
    common: () => readCommonConfig(DEFAULTS, env),
    database: () => readDatabaseConfig(env),
    events: () => readEventsConfig(env),
  };
  assert.throws(
    () => readGroups(groups),
    ({ problems }: ConfigError) => {
      assert.deepEqual(
        problems.map((problem) => problem.split(':')[0]),
        ['PORT', 'DATABASE_URL', 'EVENTS_URL'],
      );
      return true;
    },
  );
});

test('a variable that is wrong hides none that are wrong beside each other', () => {
  const env = {
    PORT: 'eighty',
    SHUTDOWN_DELAY_MS: '20000',
    DB_HOST: 'db',
    DB_POOL_SIZE: '0',
    EVENTS_URL: 'kafka://a:b:c,kafka-1,d e',
    KAFKA_TLS: 'perhaps',
    KAFKA_SASL_USERNAME: 'u',
  };
  const groups = {
    common: () => readCommonConfig(DEFAULTS, env),
    database: () => readDatabaseConfig(env),
    events: () => readEventsConfig(env),
  };
  assert.throws(
    () => readGroups(groups),
    ({ problems }: ConfigError) => {
      assert.deepEqual(problems, [
        'PORT: must be a whole number from 0 to 65535, for example 8081',
        'SHUTDOWN_DELAY_MS: must be at most half of SHUTDOWN_DEADLINE_MS, to leave time for the stop',
        'DB_POOL_SIZE: must be a whole number from 1 to 500, for example 10',
        'DATABASE_URL: must be set, or else DB_USER, DB_PASSWORD, DB_NAME beside the other DB_ variables',
        'EVENTS_URL: "a:b:c" is not host or host:port; "d e" is not host or host:port',
        'KAFKA_TLS: must be true or false',
        'KAFKA_SASL_PASSWORD: must be set beside KAFKA_SASL_USERNAME',
      ]);
      return true;
    },
  );
});

test('the password of the database may be in a file, where the rest is in variables', async () => {
  const file = join(await temporaryFolder(), 'password');
  await writeFile(file, 'p@ss\n');
  const { url } = readDatabaseConfig({ DB_HOST: 'db', DB_USER: 'u', DB_PASSWORD_FILE: file, DB_NAME: 'auth_db' });
  assert.equal(url.value(), 'postgres://u:p%40ss@db:5432/auth_db');
});

test('a delay that leaves a stop too little time is refused', () => {
  const env = { SHUTDOWN_DELAY_MS: '13000', SHUTDOWN_DEADLINE_MS: '25000' };
  assert.throws(() => readCommonConfig(DEFAULTS, env), /SHUTDOWN_DELAY_MS: must be at most half/);
  assert.equal(readCommonConfig(DEFAULTS, { SHUTDOWN_DELAY_MS: '12500' }).shutdown.delayMs, 12_500);
});

test('a short secret is refused with the command that makes a good one, and is not repeated', () => {
  assert.throws(
    () => readEnv({ JWT_SECRET: secret(32) }, { JWT_SECRET: 'too-short' }),
    (error: ConfigError) => /openssl rand -hex 32/.test(error.message) && !error.message.includes('too-short'),
  );
});

test('a secret is measured in bytes', () => {
  const { JWT_SECRET } = readEnv({ JWT_SECRET: secret(32) }, { JWT_SECRET: 'ü'.repeat(16) });
  assert.equal(JWT_SECRET.length, 16);
});

test('a service URL is an http origin', () => {
  const shape = { AUTH_SERVICE_URL: serviceUrl('http://auth:8081') };
  assert.equal(readEnv(shape, { AUTH_SERVICE_URL: 'http://auth:8081/' }).AUTH_SERVICE_URL, 'http://auth:8081');
  assert.throws(() => readEnv(shape, { AUTH_SERVICE_URL: 'ftp://auth' }), ConfigError);
});

test('the database is named by a URL or by its parts, whose special characters survive', () => {
  assert.equal(readDatabaseConfig({ DATABASE_URL: 'postgres://u:p@h/d' }).url.value(), 'postgres://u:p@h/d');
  const parts = { DB_HOST: 'db', DB_USER: 'u', DB_PASSWORD: 'p@ss/word', DB_NAME: 'auth_db' };
  const url = new URL(readDatabaseConfig(parts).url.value());
  assert.equal(decodeURIComponent(url.password), 'p@ss/word');
  assert.equal(url.host, 'db:5432');
});

test('missing parts of the database are listed', () => {
  assert.throws(() => readDatabaseConfig({ DB_HOST: 'db', DB_USER: 'u' }), /DB_PASSWORD, DB_NAME/);
});

test('events go by Kafka, with TLS and SCRAM beside it', () => {
  const { brokers, tls, sasl } = readEventsConfig({
    EVENTS_URL: 'kafka://one:9093,two',
    KAFKA_TLS: 'true',
    KAFKA_SASL_USERNAME: 'auth',
    KAFKA_SASL_PASSWORD: 'secret',
  }) as KafkaConfig;
  assert.deepEqual([brokers, tls], [['one:9093', 'two:9092'], {}]);
  assert.deepEqual(
    [sasl?.mechanism, sasl?.username.value(), sasl?.password.value()],
    ['scram-sha-512', 'auth', 'secret'],
  );
});

test('events go by Postgres', () => {
  assert.equal(readEventsConfig({ EVENTS_URL: 'postgres://u:p@h/events_db' }).kind, 'postgres');
});

for (const [name, env, expected] of [
  ['an unknown scheme', { EVENTS_URL: 'amqp://host' }, /must begin with kafka:\/\/ or postgres:\/\//],
  ['a port that is none', { EVENTS_URL: 'postgres://u:p@h:x/d' }, /is no postgres/],
  ['no URL', {}, /EVENTS_URL: must be kafka:/],
  ['a broker that is none', { EVENTS_URL: 'kafka://a b' }, /"a b" is not host or host:port/],
  ['a user without a password', { EVENTS_URL: 'kafka://a', KAFKA_SASL_USERNAME: 'u' }, /KAFKA_SASL_PASSWORD/],
] as const) {
  test(`${name} is refused`, () => assert.throws(() => readEventsConfig(env), expected));
}
