import { hkdfSync } from 'node:crypto';
import {
  derivedSecret,
  type Env,
  integer,
  lateSecret,
  optionalSecret,
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

const EMAIL_HASH_KEY_BYTES = 32;

export type TokensConfig = {
  secret: Secret;
  /** While the secret is being replaced, the one before. */
  previousSecret: Secret<string | undefined> | undefined;
  /** Seconds for which tokens are still signed with the one before, until every gateway knows the new one. */
  rotationDelayS: number;
  /** Seconds for which an access token is good. */
  lifetimeS: number;
};

/** How often a wrong password may be tried. */
export type SignInConfig = {
  /** Failures of one account from one network within `windowS`, after which tries are refused for a growing time. */
  failures: number;
  windowS: number;
  /** The longest of these times. */
  maxDelayS: number;
  /** Failures of one account from all networks that it does not know, and how many it regains in a minute. */
  accountFailures: number;
  accountPerMinute: number;
  /** Days for which an account knows a network in which its owner has signed in. */
  knownNetworkDays: number;
};

export type AuthConfig = DataServiceConfig & {
  tokens: TokensConfig;
  signIn: SignInConfig;
  /** The key with which emails are hashed where only their equality matters. */
  emailHashKey: Secret;
  sessions: {
    /** Seconds without a refresh after which a session expires, and seconds after which it expires in any case. */
    idleS: number;
    maxS: number;
    /** Sessions that an account has at most; with one more the oldest ends. */
    maxPerUser: number;
    /** Seconds for which the refresh token before the current one still gets the current one. */
    reuseS: number;
  };
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
          JWT_LIFETIME_S: integer(3_600, 60, 30 * 86_400),
          SESSION_IDLE_S: integer(30 * 86_400, 1, 365 * 86_400),
          SESSION_MAX_S: integer(90 * 86_400, 1, 3_650 * 86_400),
          MAX_SESSIONS_PER_USER: integer(50, 1, 10_000),
          REFRESH_REUSE_S: integer(10, 0, 3_600),
          BCRYPT_COST: integer(10, 4, 15),
          BCRYPT_THREADS: integer(2, 1, 64),
          BCRYPT_MAX_QUEUED: integer(200, 1, 10_000),
          SIGN_IN_FAILURES: integer(10, 1, 1_000),
          SIGN_IN_WINDOW_S: integer(900, 1, 86_400),
          SIGN_IN_MAX_DELAY_S: integer(900, 1, 86_400),
          SIGN_IN_ACCOUNT_FAILURES: integer(30, 1, 10_000),
          SIGN_IN_ACCOUNT_PER_MINUTE: integer(2, 1, 1_000),
          SIGN_IN_KNOWN_NETWORK_DAYS: integer(60, 1, 365),
          EMAIL_HASH_KEY: optionalSecret(secret(EMAIL_HASH_KEY_BYTES)),
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
    sessions: {
      idleS: raw.SESSION_IDLE_S,
      maxS: raw.SESSION_MAX_S,
      maxPerUser: raw.MAX_SESSIONS_PER_USER,
      reuseS: raw.REFRESH_REUSE_S,
    },
    passwords: { cost: raw.BCRYPT_COST, threads: raw.BCRYPT_THREADS, maxQueued: raw.BCRYPT_MAX_QUEUED },
    signIn: {
      failures: raw.SIGN_IN_FAILURES,
      windowS: raw.SIGN_IN_WINDOW_S,
      maxDelayS: raw.SIGN_IN_MAX_DELAY_S,
      accountFailures: raw.SIGN_IN_ACCOUNT_FAILURES,
      accountPerMinute: raw.SIGN_IN_ACCOUNT_PER_MINUTE,
      knownNetworkDays: raw.SIGN_IN_KNOWN_NETWORK_DAYS,
    },
    emailHashKey: raw.EMAIL_HASH_KEY ?? derivedSecret(raw.JWT_SECRET, emailHashKeyOf),
  };
}

/** RFC 5869: a key of its own, from which the secret that signs tokens cannot be found. */
const emailHashKeyOf = (secret: string): string =>
  Buffer.from(hkdfSync('sha256', secret, '', 'email hash', EMAIL_HASH_KEY_BYTES)).toString('hex');
