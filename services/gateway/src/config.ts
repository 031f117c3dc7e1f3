import { type CommonConfig, readCommonConfig } from '@wave-connect/chassis/config/common.ts';
import { type Env, flag, integer, readEnv, secret, serviceUrl } from '@wave-connect/chassis/config/env.ts';
import { TOKEN_PROFILE } from '@wave-connect/chassis/token-profile.ts';
import type { ServiceName } from './domain/routes.ts';

export type GatewayConfig = CommonConfig & {
  secrets: { jwtSecret: string };
  /** Origins of the services behind the gateway. */
  services: Record<ServiceName, string>;
  upstream: {
    /** Time in ms that a service may stay silent before the gateway answers 504. */
    timeoutMs: number;
    /** Open connections to one service. */
    maxSockets: number;
  };
  /** Whether a proxy in front of the gateway sets X-Forwarded-For and X-Forwarded-Proto, as an ingress does. */
  trustProxy: boolean;
  /** Verified tokens remembered at most. */
  tokenCacheSize: number;
};

export function readGatewayConfig(env: Env): GatewayConfig {
  const url = (port: number) => serviceUrl(`http://127.0.0.1:${port}`).default(`http://127.0.0.1:${port}`);
  const raw = readEnv(
    {
      JWT_SECRET: secret(TOKEN_PROFILE.secretBytes),
      AUTH_SERVICE_URL: url(8081),
      CHAT_SERVICE_URL: url(8082),
      FEED_SERVICE_URL: url(8083),
      PROFILE_SERVICE_URL: url(8084),
      UPSTREAM_TIMEOUT_MS: integer(30_000, 100, 600_000),
      UPSTREAM_MAX_SOCKETS: integer(256, 1, 10_000),
      TRUST_PROXY: flag(false),
      TOKEN_CACHE_SIZE: integer(10_000, 1, 1_000_000),
    },
    env,
  );
  return {
    ...readCommonConfig({ port: 8080, metricsPort: 9180 }, env),
    secrets: { jwtSecret: raw.JWT_SECRET },
    services: {
      auth: raw.AUTH_SERVICE_URL,
      chat: raw.CHAT_SERVICE_URL,
      feed: raw.FEED_SERVICE_URL,
      profile: raw.PROFILE_SERVICE_URL,
    },
    upstream: { timeoutMs: raw.UPSTREAM_TIMEOUT_MS, maxSockets: raw.UPSTREAM_MAX_SOCKETS },
    trustProxy: raw.TRUST_PROXY,
    tokenCacheSize: raw.TOKEN_CACHE_SIZE,
  };
}
