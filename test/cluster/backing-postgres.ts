import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATA_SERVICES, type DataServiceName } from '@wave-connect/dev-env/system';
import { run } from '../support/command.ts';
import { apply, untilCondition } from './kubectl.ts';

export type BackingPostgres = {
  host: string;
  /** Of the service's own user and of nobody else. */
  passwords: Record<DataServiceName, string>;
  /** PEM; who has signed the server's certificate. */
  ca: string;
};

const NAME = 'postgres';
const RUN_AS = {
  runAsNonRoot: true,
  runAsUser: 999,
  runAsGroup: 999,
  fsGroup: 999,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Brings up one Postgres as a provider runs it: a database and a user for each service, and TLS. */
export async function startBackingPostgres(namespace: string): Promise<BackingPostgres> {
  const host = `${NAME}.${namespace}.svc`;
  const { key, certificate } = await selfSigned(host);
  const passwords = Object.fromEntries(DATA_SERVICES.map((name) => [name, randomBytes(16).toString('hex')])) as Record<
    DataServiceName,
    string
  >;
  const setUp = DATA_SERVICES.map(
    (name) => `CREATE USER ${name} PASSWORD '${passwords[name]}';\nCREATE DATABASE ${name}_db OWNER ${name};`,
  ).join('\n');
  const labels = { app: NAME };
  await apply(
    namespace,
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: NAME },
      stringData: {
        'setup.sql': setUp,
        'tls.key': key,
        'tls.crt': certificate,
        password: randomBytes(16).toString('hex'),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME },
      spec: { selector: labels, ports: [{ port: 5432 }] },
    },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: NAME, labels }, spec: pod },
  );
  await untilCondition(namespace, `pod/${NAME}`, 'condition=Ready');
  return { host, passwords, ca: certificate };
}

const secretFiles = (name: string, ...keys: string[]) => ({
  name,
  secret: { secretName: NAME, defaultMode: 0o640, items: keys.map((key) => ({ key, path: key })) },
});

const pod = {
  automountServiceAccountToken: false,
  securityContext: RUN_AS,
  containers: [
    {
      name: NAME,
      image: 'postgres:18',
      args: ['postgres', '-c', 'ssl=on', '-c', 'ssl_cert_file=/run/tls/tls.crt', '-c', 'ssl_key_file=/run/tls/tls.key'],
      env: [{ name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name: NAME, key: 'password' } } }],
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      readinessProbe: { exec: { command: ['pg_isready', '--quiet', '--host', '127.0.0.1'] }, periodSeconds: 2 },
      volumeMounts: [
        { name: 'data', mountPath: '/var/lib/postgresql' },
        { name: 'run', mountPath: '/var/run/postgresql' },
        { name: 'setup', mountPath: '/docker-entrypoint-initdb.d' },
        { name: 'tls', mountPath: '/run/tls' },
      ],
    },
  ],
  volumes: [
    { name: 'data', emptyDir: {} },
    { name: 'run', emptyDir: {} },
    secretFiles('setup', 'setup.sql'),
    secretFiles('tls', 'tls.key', 'tls.crt'),
  ],
};

async function selfSigned(host: string): Promise<{ key: string; certificate: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'wave-tls-'));
  const [key, certificate] = [join(folder, 'key'), join(folder, 'crt')];
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  try {
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      certificate,
      ...names,
    ]);
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
