import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { readCompose } from '../compose/compose-rules.ts';
import { dataServices, root, services } from './charts.ts';
import { containersOf, podsOf, variablesIn } from './pods.ts';
import { named, type Resource, render, unrendered } from './rendered.ts';
import { settable, variablesOf } from './schema/variables.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const valuesFiles = globSync('{ci/*,values-*}.yaml', { cwd: join(root, 'charts/wave-connect') }).sort();
const valuesOf = (chart: string) => parse(read(`charts/${chart}/values.yaml`));

/** Variables that containers get by extraEnv, for programs other than ours, and of the Postgres image. */
const FOREIGN = /^(?:NODE_EXTRA_CA_CERTS|POSTGRES_\w+|PG\w+|GATEWAY_URL|SERVICES|TIMEOUT_MS|DELAY_S)$/;

describe('ports', () => {
  for (const service of services) {
    test(`of ${service} are those of its code`, () => {
      const [, http, metrics] = /port: (\d+), metricsPort: (\d+)/.exec(read(`services/${service}/src/config.ts`)) ?? [];
      const { grpc: _, ...ports } = valuesOf(service).containerPorts;
      assert.deepEqual(ports, { http: Number(http), metrics: Number(metrics) });
    });
  }
  test('that feed calls is the one where profile responds', () => {
    const [, grpc] = /GRPC_PORT: port\((\d+)\)/.exec(read('services/profile/src/config.ts')) ?? [];
    assert.equal(valuesOf('profile').containerPorts.grpc, Number(grpc));
    for (const caller of ['chat', 'feed'] as const) assert.equal(valuesOf(caller).profile.grpcPort, Number(grpc));
  });
  test('that chat calls is the one where auth responds', () => {
    assert.equal(valuesOf('chat').auth.port, valuesOf('auth').containerPorts.http);
  });
  test('that the gateway calls are those of the services', () => {
    for (const [name, { port }] of Object.entries<{ port: number }>(valuesOf('gateway').services))
      assert.equal(port, valuesOf(name).containerPorts.http);
  });
});

describe('metrics that pods scale by', () => {
  for (const service of ['gateway', 'chat']) {
    test(`${service}'s is one that its code has, and that prometheus-adapter looks for`, () => {
      const { metric } = valuesOf(service).webSockets;
      const sources = globSync(`services/${service}/src/**/*.ts`, { cwd: root }).map(read);
      assert.ok(sources.some((source) => source.includes(`'${metric}'`)));
      const [rule] = parse(read('k8s/prometheus-adapter.values.yaml')).rules.custom;
      assert.match(metric, new RegExp(/__name__=~"(.*?)"/.exec(rule.seriesQuery)?.[1] ?? '(?!)'));
    });
  }
});

describe('images', () => {
  const compose = readCompose(read('docker-compose.yml'));
  for (const service of services) {
    test(`of ${service} are named as in docker-compose.yml`, () => {
      assert.equal(valuesOf(service).image.repository, compose.services[service]?.image);
    });
  }
  test('of Postgres and Kafka are those of docker-compose.yml', () => {
    const { repository, tag } = valuesOf('common').data.postgres.image;
    for (const name of dataServices) assert.equal(`${repository}:${tag}`, compose.services[`${name}-db`]?.image);
    assert.equal(`apache/kafka:${valuesOf('kafka').version}`, compose.services.kafka?.image);
  });
});

describe('variables', { skip: unrendered }, () => {
  const example = [...read('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);
  const used = (resources: Resource[]) =>
    podsOf(resources)
      .flatMap((pod) => containersOf(pod).flatMap(variablesIn))
      .filter((name) => !FOREIGN.test(name))
      .map(settingOf);

  for (const values of valuesFiles) {
    test(`.env.example names each: ${values}`, () => {
      const names = used(render(values));
      assert.ok(names.length > 20);
      assert.deepEqual(
        names.filter((name) => !example.includes(name)),
        [],
      );
    });
  }
  for (const service of services) {
    test(`${service} reads each that it is given, and can be given each that it reads`, () => {
      const given = valuesFiles.flatMap((values) => variablesOfDeployment(render(values), service));
      const known = variablesOf(service);
      assert.deepEqual(
        given.filter((name) => !known.includes(name)),
        [],
      );
      assert.deepEqual(
        known.filter((name) => !given.includes(name) && !settable(service).includes(name)),
        [],
      );
    });
  }
  test('secrets of services and migrations are files of mounted Secrets', () => {
    for (const values of valuesFiles) assert.deepEqual(exposed(render(values)), []);
  });

  const auth = (env: object) => [{ kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ env: [env] }] } }];
  test('one that no code reads is noticed', () => {
    assert.deepEqual(
      used(auth({ name: 'BCRYPT_ROUNDS', value: '4' })).filter((name) => !example.includes(name)),
      ['BCRYPT_ROUNDS'],
    );
  });
  test('a secret in the open is noticed', () => {
    assert.deepEqual(exposed(auth({ name: 'DB_PASSWORD', value: 'hunter2' })), ['Pod/x: DB_PASSWORD']);
  });
  test('a secret that a pod keeps as it was when it started is noticed', () => {
    const valueFrom = { secretKeyRef: { name: 's', key: 'k' } };
    assert.deepEqual(exposed(auth({ name: 'DATABASE_URL', valueFrom })), ['Pod/x: DATABASE_URL']);
  });
  for (const [what, mount, secret] of [
    ['that no Secret is mounted at', { name: 'other', mountPath: '/run/secrets/kafka' }, {}],
    ['whose mount is not updated', { name: 's', mountPath: '/run/secrets/database', subPath: 'password' }, {}],
    ['that the mount leaves out', { name: 's', mountPath: '/run/secrets/database' }, { items: [{ path: 'url' }] }],
  ] as const) {
    test(`a file ${what} is noticed`, () => {
      const env = [{ name: 'DB_PASSWORD_FILE', value: '/run/secrets/database/password' }];
      const spec = { containers: [{ env, volumeMounts: [mount] }], volumes: [{ name: 's', secret }] };
      assert.deepEqual(exposed([{ kind: 'Pod', metadata: { name: 'x' }, spec }]), ['Pod/x: DB_PASSWORD_FILE']);
    });
  }
});

function variablesOfDeployment(resources: Resource[], service: string): string[] {
  const { spec } = named(resources, 'Deployment', `wave-${service}`);
  return variablesIn(spec.template.spec.containers[0])
    .filter((name) => !FOREIGN.test(name))
    .map(settingOf);
}

const SECRET =
  /^(JWT_SECRET(?:_PREVIOUS)?|DATABASE_(?:DIRECT_)?URL|DB_PASSWORD|KAFKA_SASL_(?:USERNAME|PASSWORD)|RATE_LIMIT_STORE|EMAIL_HASH_KEY)/;
/** A secret `X` is given as `X_FILE`. */
const settingOf = (variable: string) => variable.replace(new RegExp(`${SECRET.source}_FILE$`), '$1');

type Container = {
  env?: { name: string; value?: string }[];
  volumeMounts?: { name: string; mountPath: string; subPath?: string }[];
};
type Volume = { name: string; secret?: { items?: { path: string }[] } };

/** Variables that hold a secret, or name a file that is none of a mounted Secret. A user's name may be read by all. */
function exposed(resources: Resource[]): string[] {
  return podsOf(resources).flatMap((pod) =>
    containersOf(pod).flatMap(({ env = [], volumeMounts = [] }: Container) =>
      env
        .filter(({ name }) => SECRET.test(name) && name !== 'KAFKA_SASL_USERNAME')
        .filter(({ name, value }) => !name.endsWith('_FILE') || !isMounted(value, volumeMounts, pod.spec.volumes ?? []))
        .map(({ name }) => `${pod.owner}: ${name}`),
    ),
  );
}

function isMounted(path = '', mounts: Container['volumeMounts'] = [], volumes: Volume[]): boolean {
  const mount = mounts.find(({ mountPath, subPath }) => dirname(path) === mountPath && subPath === undefined);
  const secret = volumes.find(({ name }) => name === mount?.name)?.secret;
  return secret !== undefined && (secret.items?.some((item) => item.path === basename(path)) ?? true);
}
