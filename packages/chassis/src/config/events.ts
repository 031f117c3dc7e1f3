import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, type Env, flag, lateSecret, readEnv, requiredSecret } from './env.ts';
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

/** Takes EVENTS_URL and, for Kafka, its KAFKA_ settings for TLS and SCRAM. */
export function readEventsConfig(env: Env): EventsConfig {
  const raw = readEnv(
    {
      EVENTS_URL: requiredSecret(
        z.string({ message: 'must be kafka://host:9092[,host:9092] or postgres://user:password@host/name' }),
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
  );
  const [, scheme, rest = ''] = /^(kafka|postgres|postgresql):\/\/(.+)$/.exec(raw.EVENTS_URL.value()) ?? [];
  if (scheme === undefined) throw new ConfigError(['EVENTS_URL: must begin with kafka:// or postgres://']);
  if (scheme !== 'kafka') {
    if (!URL.canParse(raw.EVENTS_URL.value())) throw new ConfigError(['EVENTS_URL: is no postgres:// URL']);
    return { kind: 'postgres', url: raw.EVENTS_URL };
  }

  return {
    kind: 'kafka',
    brokers: rest.replace(/\/$/, '').split(',').map(withPort),
    ...(raw.KAFKA_TLS && { tls: trustedCa(raw.KAFKA_TLS_CA_FILE) }),
    ...(raw.KAFKA_SASL_USERNAME !== undefined && {
      sasl: {
        mechanism: raw.KAFKA_SASL_MECHANISM,
        username: raw.KAFKA_SASL_USERNAME,
        password: required(raw.KAFKA_SASL_PASSWORD, 'KAFKA_SASL_PASSWORD: must be set beside KAFKA_SASL_USERNAME'),
      },
    }),
  };
}

function withPort(broker: string): string {
  const match = /^([^\s:/@]+)(?::(\d{1,5}))?$/.exec(broker);
  if (!match) throw new ConfigError([`EVENTS_URL: "${broker}" is not host or host:port`]);
  return `${match[1]}:${match[2] ?? 9092}`;
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

function required<Value>(value: Value | undefined, problem: string): Value {
  if (value === undefined) throw new ConfigError([problem]);
  return value;
}
