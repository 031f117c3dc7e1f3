import {
  type Env,
  integer,
  lateSecret,
  readCommonConfig,
  readDatabaseConfig,
  readEnv,
  readEventsConfig,
  readGroups,
  requiredSecret,
  type Secret,
  secret,
} from '@wave-connect/chassis/config';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';

export type TokensConfig = {
  secret: Secret;
  /** While the secret is being replaced, the one before. */
  previousSecret: Secret<string | undefined> | undefined;
  /** Seconds for which tokens are still signed with the one before, until every gateway knows the new one. */
  rotationDelayS: number;
  /** Seconds for which a token is good. */
  lifetimeS: number;
};

export type AuthConfig = DataServiceConfig & {
  tokens: TokensConfig;
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
  const { raw, common, database, events } = readGroups({
    common: () => readCommonConfig({ port: 8081, metricsPort: 9181 }, env),
    database: () => readDatabaseConfig(env),
    events: () => readEventsConfig(env),
    raw: () =>
      readEnv(
        {
          JWT_SECRET: requiredSecret(secret(TOKEN_PROFILE.secretBytes)),
          JWT_SECRET_PREVIOUS: lateSecret(secret(TOKEN_PROFILE.secretBytes)),
          JWT_ROTATION_DELAY_S: integer(120, 0, 3_600),
          JWT_LIFETIME_S: integer(86_400, 60, 30 * 86_400),
          BCRYPT_COST: integer(10, 4, 15),
          BCRYPT_THREADS: integer(2, 1, 64),
          BCRYPT_MAX_QUEUED: integer(200, 1, 10_000),
        },
        env,
      ),
  });
  return {
    ...common,
    database,
    events,
    tokens: {
      secret: raw.JWT_SECRET,
      previousSecret: raw.JWT_SECRET_PREVIOUS,
      rotationDelayS: raw.JWT_ROTATION_DELAY_S,
      lifetimeS: raw.JWT_LIFETIME_S,
    },
    passwords: { cost: raw.BCRYPT_COST, threads: raw.BCRYPT_THREADS, maxQueued: raw.BCRYPT_MAX_QUEUED },
  };
}
