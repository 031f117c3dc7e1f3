import { z } from 'zod';
import { databaseUrl, type Env, integer, optionalSecret, readEnv } from './env.ts';
import { constantSecret, derivedSecret, type Secret } from './secret.ts';

export type DatabaseConfig = {
  /** postgres://user:password@host:port/database; a secret, for it holds the password. */
  url: Secret;
  /** The same database without a pooler in between, for work that needs a session of its own. */
  directUrl: Secret;
  /** Whether `url` leads to a pooler that lends a server's session for a transaction at a time. */
  pooled: boolean;
  poolSize: number;
  /** Time in ms that a request waits for a free connection or for a new one to open. */
  connectTimeoutMs: number;
  /** Time in ms after which the server cancels a statement. */
  statementTimeoutMs: number;
  /** Requests that may wait for a connection, for each connection of the pool; beyond, further ones are refused. */
  maxWaitingPerConnection: number;
  /** Days after which dead letters are deleted. */
  deadLetterRetentionDays: number;
};

const PARTS = ['DB_HOST', 'DB_USER', 'DB_PASSWORD', 'DB_NAME'] as const;

/**
 * Takes DATABASE_URL, or else DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME. Where that is a pooler in transaction
 * mode, DATABASE_DIRECT_URL names the server behind.
 */
export function readDatabaseConfig(env: Env): DatabaseConfig {
  const raw = readEnv(
    {
      DATABASE_URL: optionalSecret(databaseUrl()),
      DATABASE_DIRECT_URL: optionalSecret(databaseUrl()),
      DB_HOST: z.string().optional(),
      DB_PORT: integer(5432, 1, 65_535),
      DB_USER: z.string().optional(),
      DB_PASSWORD: optionalSecret(z.string()),
      DB_NAME: z.string().optional(),
      DB_POOL_SIZE: integer(10, 1, 500),
      DB_CONNECT_TIMEOUT_MS: integer(5_000, 100, 60_000),
      DB_STATEMENT_TIMEOUT_MS: integer(10_000, 100, 600_000),
      SHED_POOL_WAITING: integer(20, 1, 10_000),
      DEAD_LETTER_RETENTION_DAYS: integer(30, 1, 3_650),
    },
    env,
    missingParts,
  );
  const url = raw.DATABASE_URL ?? urlFromParts(raw);
  return {
    url,
    directUrl: raw.DATABASE_DIRECT_URL ?? url,
    pooled: raw.DATABASE_DIRECT_URL !== undefined,
    poolSize: raw.DB_POOL_SIZE,
    connectTimeoutMs: raw.DB_CONNECT_TIMEOUT_MS,
    statementTimeoutMs: raw.DB_STATEMENT_TIMEOUT_MS,
    maxWaitingPerConnection: raw.SHED_POOL_WAITING,
    deadLetterRetentionDays: raw.DEAD_LETTER_RETENTION_DAYS,
  };
}

type Parts = {
  DB_HOST?: string | undefined;
  DB_PORT: number;
  DB_USER?: string | undefined;
  DB_PASSWORD?: Secret | undefined;
  DB_NAME?: string | undefined;
};

/** A DATABASE_URL that is wrong takes the parts' place as well. */
function missingParts(right: Partial<Parts> & { DATABASE_URL?: Secret | undefined }): string[] {
  if (right.DATABASE_URL !== undefined || !('DATABASE_URL' in right)) return [];
  const missing = PARTS.filter((part) => part in right && right[part] === undefined);
  if (missing.length === 0) return [];
  return [`DATABASE_URL: must be set, or else ${missing.join(', ')} beside the other DB_ variables`];
}

function urlFromParts({ DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_NAME }: Parts): Secret {
  const [user, name] = [DB_USER, DB_NAME].map((part = '') => encodeURIComponent(part));
  return derivedSecret(
    DB_PASSWORD ?? constantSecret(''),
    (password) => `postgres://${user}:${encodeURIComponent(password)}@${DB_HOST}:${DB_PORT}/${name}`,
  );
}
