import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { KAFKA_TOPICS } from '@wave-connect/chassis/events';
import {
  type Compose,
  type ComposeService,
  createdTopics,
  exposedSecrets,
  neighbours,
  published,
  readCompose,
  unhardened,
  unlimited,
  usedVariables,
  wronglyBuilt,
} from './compose-rules.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const compose = readCompose(read('docker-compose.yml'));
const folders = globSync('services/*/src/main.ts', { cwd: root })
  .map((path) => path.split('/')[1] ?? '')
  .sort();
const example = new Map(
  [...read('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(
    ([, name = '', value = '']) => [name, value] as const,
  ),
);
const variables = [...example.keys()];

/** The compose file with one service changed, the way somebody might get it wrong. */
const having = (name: string, change: Partial<ComposeService>): Compose => ({
  ...compose,
  services: { ...compose.services, [name]: { ...compose.services[name], ...change } },
});
const auth = compose.services.auth;
const without = (name: string): Compose => {
  const { [name]: _, ...services } = compose.services;
  return { ...compose, services };
};

describe('each service runs in an image of its own', () => {
  test('built by the one recipe, its migrations too', () => {
    assert.equal(folders.length, 5);
    assert.deepEqual(wronglyBuilt(compose, folders), []);
  });

  const build = auth?.build;
  assert.ok(build);
  for (const [what, wrong, found] of [
    ['a service that nothing runs', without('chat'), 'chat'],
    ['the image of another', having('auth', { build: { ...build, args: { SERVICE: 'chat' } } }), 'auth'],
    ['another recipe', having('auth', { build: { ...build, dockerfile: 'Dockerfile' } }), 'auth'],
    ['another name', having('auth-migrate', { image: 'wave-connect-feed' }), 'auth-migrate'],
    ['a container of no service', having('web', { build }), 'web'],
  ] as const) {
    test(`${what} is noticed`, () => assert.deepEqual(wronglyBuilt(wrong, folders), [found]));
  }
});

describe('topics', () => {
  const wanted = KAFKA_TOPICS.map(({ config, ...topic }) => ({
    ...topic,
    config: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)])),
  }));

  test('all are created, as their contract has them', () => assert.deepEqual(createdTopics(compose), wanted));

  test('a number of partitions that differs is noticed', () => {
    const [command = ''] = compose.services.topics?.command ?? [];
    const wrong = having('topics', { command: [command.replace('user-deleted 6', 'user-deleted 1')] });
    assert.notDeepEqual(createdTopics(wrong), wanted);
  });

  test('a retention that differs is noticed', () => {
    const [command = ''] = compose.services.topics?.command ?? [];
    const wrong = having('topics', { command: [command.replace('retention.ms=900000', 'retention.ms=604800000')] });
    assert.notDeepEqual(createdTopics(wrong), wanted);
  });
});

describe('variables', () => {
  /**
   * Compose decides these itself: containers listen to each other, each by its name, Kafka asks for no login, and
   * secrets come by variables.
   */
  const decided = /^(?:HOST|INSTANCE_ID|DATABASE_(?:DIRECT_)?URL|DB_PORT|KAFKA_[A-Z_]+|[A-Z_]+_FILE)$/;
  const unknown = (file: Compose) => usedVariables(file).filter((name) => !variables.includes(name));
  const lost = (file: Compose) =>
    variables.filter((name) => !usedVariables(file).includes(name) && !decided.test(name));

  test('.env.example names each', () => assert.deepEqual(unknown(compose), []));
  test('each that .env.example names has an effect', () => assert.deepEqual(lost(compose), []));

  test('one that is given to a service and not named is noticed', () => {
    assert.deepEqual(unknown(having('auth', { environment: { BCRYPT_ROUNDS: '4' } })), ['BCRYPT_ROUNDS']);
  });
  test('one that .env is asked for and that is not named is noticed', () => {
    assert.deepEqual(unknown(having('kafka', { environment: { KAFKA_HEAP_OPTS: '$' + '{HEAP:-1g}' } })), ['HEAP']);
  });
  test('one that is handed to nobody is noticed', () => {
    assert.ok(lost(having('auth', { environment: {} })).includes('BCRYPT_COST'));
  });
});

describe('secrets', () => {
  test('all come from .env, which must hold them', () => assert.deepEqual(exposedSecrets(compose), []));

  for (const [what, value] of [
    ['a literal', 'hunter2'],
    ['a default', '$' + '{DB_AUTH_PASSWORD:-hunter2}'],
    ['one that may be missing', '$' + '{DB_AUTH_PASSWORD}'],
    ['one whose message does not help', '$' + '{DB_AUTH_PASSWORD:?no}'],
  ]) {
    test(`${what} is noticed`, () => {
      const wrong = having('auth', { environment: { DB_PASSWORD: value ?? '' } });
      assert.deepEqual(exposedSecrets(wrong), ['auth: DB_PASSWORD']);
    });
  }
  test('a password within a URL is noticed', () => {
    const wrong = having('auth', { environment: { EVENTS_URL: 'postgres://events:hunter2@events-db/events_db' } });
    assert.deepEqual(exposedSecrets(wrong), ['auth: EVENTS_URL']);
  });

  const secrets = [...example].filter(([name]) => /^(?:JWT_SECRET|DB_(?:AUTH|CHAT|FEED|PROFILE)_PASSWORD)$/.test(name));
  test('those of .env.example say what they are good for, and work', () => {
    assert.equal(secrets.length, 5);
    for (const [name, value] of secrets) {
      assert.match(value, /^local-development-only/, name);
      assert.ok(name !== 'JWT_SECRET' || value.length >= 32);
    }
  });
  test('no code falls back to them', () => {
    const sources = globSync(['{packages,services}/*/src/**/*.{ts,js}', 'docker-compose.yml', 'services/Dockerfile'], {
      cwd: root,
    });
    assert.ok(sources.length > 100);
    assert.deepEqual(
      sources.filter((path) => read(path).includes('local-development-only')),
      [],
    );
  });
});

describe('limits', () => {
  test('each container has a memory limit, and a health check where it stays', () => {
    assert.deepEqual(unlimited(compose), []);
  });

  test('one without is noticed', () => {
    const { mem_limit: _, ...boundless } = auth ?? {};
    const { healthcheck: __, ...mute } = auth ?? {};
    assert.deepEqual(unlimited({ services: { auth: boundless } }), ['auth']);
    assert.deepEqual(unlimited({ services: { auth: mute } }), ['auth']);
  });
});

describe('rights', () => {
  test('no container gains any, and ours cannot write to themselves', () => assert.deepEqual(unhardened(compose), []));

  test('one that could is noticed', () => {
    assert.deepEqual(unhardened(having('auth', { read_only: false })), ['auth']);
    assert.deepEqual(unhardened(having('kafka', { security_opt: [] })), ['kafka']);
  });
});

describe('who reaches whom', () => {
  test('only the gateway is published, on loopback', () => assert.deepEqual(published(compose), []));

  test('another published port is noticed', () => {
    assert.deepEqual(published(having('auth', { ports: ['127.0.0.1:8081:8081'] })), ['auth']);
    assert.deepEqual(published(having('gateway', { ports: ['8080:8080'] })), ['gateway']);
  });

  /** Feed asks profile for authors, chat for people who are written to, and auth for revocations. */
  const pairs: Record<string, string[]> = {
    auth: ['chat'],
    chat: ['auth', 'profile'],
    feed: ['profile'],
    profile: ['chat', 'feed'],
  };
  for (const name of folders.filter((folder) => folder !== 'gateway')) {
    const peers = pairs[name] ?? [];
    test(`${name} is reached by the gateway${peers.length ? `, ${peers}` : ''} and by what it stores its data in`, () => {
      const expected = ['gateway', 'kafka', `${name}-db`, `${name}-migrate`, ...peers];
      assert.deepEqual(neighbours(compose, name), expected.sort());
    });
    test(`${name}'s database is not reached by the gateway`, () => {
      assert.deepEqual(neighbours(compose, `${name}-db`), ['kafka', name, `${name}-migrate`].sort());
    });
  }
  test('no network but the one that publishes leads out', () => {
    const open = Object.entries(compose.networks ?? {}).filter(([, network]) => !network?.internal);
    assert.deepEqual(
      open.map(([name]) => name),
      ['edge'],
    );
  });
  test('a network that two services share is noticed', () => {
    const wrong = having('chat', { networks: ['chat', 'chat-data', 'feed-data'] });
    assert.ok(neighbours(wrong, 'feed').includes('chat'));
  });
});
