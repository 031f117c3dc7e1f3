import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Env, flag, lateSecret, readEnv, requiredSecret } from './env.ts';
import { type Secret, secretOnDisk } from './secret.ts';

/** May be absent for now: a service serves without its events, and waits for what it needs to get at them. */
export type LateSecret = Secret<string | undefined>;

export type KafkaConfig = {
  kind: 'kafka';
  brokers: string[];
  /** `ca` is PEM text; where it is not set the system's certificate store decides. */
  tls?: { ca?: LateSecret };
  sasl?: { mechanism: 'scram-sha-256' | 'scram-sha-512'; username: LateSecret; password: LateSecret };
};
type PostgresQueueConfig = { kind: 'postgres'; url: Secret };
export type EventsConfig = KafkaConfig | PostgresQueueConfig;

const MECHANISMS = ['scram-sha-256', 'scram-sha-512'] as const;
const PEM_FILE = /\.(crt|pem)$/;

const URL_FORM = /^(kafka|postgres|postgresql):\/\/(.+)$/;
const BROKER = /^([^\s:/@]+)(?::(\d{1,5}))?$/;

/** Takes EVENTS_URL and, for Kafka, its KAFKA_ settings for TLS and SCRAM. */
export function readEventsConfig(env: Env): EventsConfig {
  const raw = readEnv(
    {
      EVENTS_URL: requiredSecret(
        z
          .string({ message: 'must be kafka://host:9092[,host:9092] or postgres://user:password@host/name' })
          .superRefine((value, context) => {
            for (const message of problemsOf(value)) context.addIssue({ code: 'custom', message });
          }),
      ),
      KAFKA_TLS: flag(false),
      KAFKA_TLS_CA_FILE: z.string().optional(),
      KAFKA_SASL_MECHANISM: z
        .enum(MECHANISMS, { message: `must be one of ${MECHANISMS.join(', ')}` })
        .default('scram-sha-512'),
      KAFKA_SASL_USERNAME: lateSecret(z.string()),
      KAFKA_SASL_PASSWORD: lateSecret(z.string()),
    },
    env,
    (right) =>
      right.KAFKA_SASL_USERNAME !== undefined && 'KAFKA_SASL_PASSWORD' in right && !right.KAFKA_SASL_PASSWORD
        ? ['KAFKA_SASL_PASSWORD: must be set beside KAFKA_SASL_USERNAME']
        : [],
  );
  const { scheme, brokers } = partsOf(raw.EVENTS_URL.value());
  if (scheme !== 'kafka') return { kind: 'postgres', url: raw.EVENTS_URL };
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = raw;
  return {
    kind: 'kafka',
    brokers: brokers.map((broker) => broker.replace(BROKER, (_, host, port = 9092) => `${host}:${port}`)),
    ...(raw.KAFKA_TLS && { tls: trustedCa(raw.KAFKA_TLS_CA_FILE) }),
    ...(username && password && { sasl: { mechanism: raw.KAFKA_SASL_MECHANISM, username, password } }),
  };
}

function partsOf(url: string): { scheme: string | undefined; brokers: string[] } {
  const [, scheme, rest = ''] = URL_FORM.exec(url) ?? [];
  return { scheme, brokers: rest.replace(/\/$/, '').split(',') };
}

function problemsOf(url: string): string[] {
  const { scheme, brokers } = partsOf(url);
  if (scheme === undefined) return ['must begin with kafka:// or postgres://'];
  if (scheme !== 'kafka') return URL.canParse(url) ? [] : ['is no postgres:// URL'];
  return brokers.filter((broker) => !BROKER.test(broker)).map((broker) => `"${broker}" is not host or host:port`);
}

const trustedCa = (path: string | undefined): { ca?: LateSecret } =>
  path === undefined ? {} : { ca: secretOnDisk(() => readCertificates(path)) };

/** PEM of the file, or of a folder's `*.crt` and `*.pem`; while a CA is renewed, the one before lies beside it. */
function readCertificates(path: string): string | undefined {
  try {
    const files = statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => PEM_FILE.test(name))
          .sort()
          .map((name) => join(path, name))
      : [path];
    return files.map((file) => readFileSync(file, 'utf8')).join('\n') || undefined;
  } catch {
    return undefined;
  }
}
