import { readCommonConfig } from '@wave-connect/chassis/config/common.ts';
import { readDatabaseConfig } from '@wave-connect/chassis/config/database.ts';
import { type Env, integer, readEnv, secret } from '@wave-connect/chassis/config/env.ts';
import { readEventsConfig } from '@wave-connect/chassis/config/events.ts';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base.ts';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';

export type AuthConfig = DataServiceConfig & {
  secrets: { jwtSecret: string };
  /** Seconds for which a token is good. */
  tokenLifetimeS: number;
  passwords: {
    /** Rounds of bcrypt as a power of two. */
    cost: number;
    /** Threads that hash. */
    threads: number;
    /** Hashes that may wait for a thread; more are refused with 503. */
    maxQueued: number;
  };
};

export function readAuthConfig(env: Env): AuthConfig {
  const raw = readEnv(
    {
      JWT_SECRET: secret(TOKEN_PROFILE.secretBytes),
      JWT_LIFETIME_S: integer(86_400, 60, 30 * 86_400),
      BCRYPT_COST: integer(10, 4, 15),
      BCRYPT_THREADS: integer(2, 1, 64),
      BCRYPT_MAX_QUEUED: integer(200, 1, 10_000),
    },
    env,
  );
  return {
    ...readCommonConfig({ port: 8081, metricsPort: 9181 }, env),
    database: readDatabaseConfig(env),
    events: readEventsConfig(env),
    secrets: { jwtSecret: raw.JWT_SECRET },
    tokenLifetimeS: raw.JWT_LIFETIME_S,
    passwords: { cost: raw.BCRYPT_COST, threads: raw.BCRYPT_THREADS, maxQueued: raw.BCRYPT_MAX_QUEUED },
  };
}
