import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, type Env, flag, readEnv } from './env.ts';

export type KafkaConfig = {
  kind: 'kafka';
  brokers: string[];
  /** `ca` is PEM text; without it the system's certificate store decides. */
  tls?: { ca?: string };
  sasl?: { mechanism: 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
};
type PostgresQueueConfig = { kind: 'postgres'; url: string };
export type EventsConfig = KafkaConfig | PostgresQueueConfig;

const MECHANISMS = ['scram-sha-256', 'scram-sha-512'] as const;

/** Takes EVENTS_URL and, for Kafka, its KAFKA_ settings for TLS and SCRAM. */
export function readEventsConfig(env: Env): EventsConfig {
  const raw = readEnv(
    {
      EVENTS_URL: z.string({ message: 'must be kafka://host:9092[,host:9092] or postgres://user:password@host/name' }),
      KAFKA_TLS: flag(false),
      KAFKA_TLS_CA_FILE: z.string().optional(),
      KAFKA_SASL_MECHANISM: z
        .enum(MECHANISMS, { message: `must be one of ${MECHANISMS.join(', ')}` })
        .default('scram-sha-512'),
      KAFKA_SASL_USERNAME: z.string().optional(),
      KAFKA_SASL_PASSWORD: z.string().optional(),
    },
    env,
  );
  const [, scheme, rest = ''] = /^(kafka|postgres|postgresql):\/\/(.+)$/.exec(raw.EVENTS_URL) ?? [];
  if (scheme === undefined) throw new ConfigError(['EVENTS_URL: must begin with kafka:// or postgres://']);
  if (scheme !== 'kafka') return { kind: 'postgres', url: raw.EVENTS_URL };

  return {
    kind: 'kafka',
    brokers: rest.replace(/\/$/, '').split(',').map(withPort),
    ...(raw.KAFKA_TLS && { tls: readCa(raw.KAFKA_TLS_CA_FILE) }),
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

function readCa(file: string | undefined): { ca?: string } {
  if (file === undefined) return {};
  try {
    return { ca: readFileSync(file, 'utf8') };
  } catch {
    throw new ConfigError([`KAFKA_TLS_CA_FILE: ${file} cannot be read`]);
  }
}

function required(value: string | undefined, problem: string): string {
  if (value === undefined) throw new ConfigError([problem]);
  return value;
}
