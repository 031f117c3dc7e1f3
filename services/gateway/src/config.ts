import type { BlockList } from 'node:net';
import type { CircuitBreakerConfig } from '@wave-connect/chassis/circuit-breaker';
import {
  type CommonConfig,
  databaseUrl,
  type Env,
  flag,
  integer,
  lateSecret,
  optionalSecret,
  readCommonConfig,
  readEnv,
  readGroups,
  requiredSecret,
  type Secret,
  secret,
  serviceUrl,
} from '@wave-connect/chassis/config';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { networks, origins } from './config-lists.ts';
import type { Policy, ServiceName } from './routes.ts';

export type GatewayConfig = CommonConfig & {
  /** Processes that share the port, each with its own connections, counts and cache. */
  workers: number;
  /** The secret that auth signs with and, while it is being replaced, the one before. */
  secrets: {
    jwt: Secret;
    jwtPrevious: Secret<string | undefined> | undefined;
    /** postgres://user:password@host:port/database of the counts that replicas share; without it each has its own. */
    rateLimitStore: Secret | undefined;
  };
  /** Origins of the services behind the gateway. */
  services: Record<ServiceName, string>;
  upstream: {
    /** Time in ms that a service may stay silent before the gateway responds with 504. */
    timeoutMs: number;
    /** Time in ms that a connection to a service may take to open. */
    connectTimeoutMs: number;
    circuitBreaker: CircuitBreakerConfig;
    /** Open connections to one service. */
    maxSockets: number;
    /** Requests to one service that wait for a connection; more are refused. */
    maxQueued: number;
  };
  /** Time in ms that WebSockets have to close when the gateway stops. */
  webSocketCloseTimeoutMs: number;
  timeouts: {
    /** Time in ms that a request's headers may take to arrive, and all of it. */
    headersMs: number;
    requestMs: number;
    /** Time in ms that a connection may stay idle. */
    keepAliveMs: number;
  };
  /** Request bodies. */
  bodies: {
    /** Larger ones are uploads: they stream, and are not held. */
    bufferedBytes: number;
    /** Bytes of all bodies that one process holds. */
    totalBufferedBytes: number;
    /** An upload that is slower on average of some seconds is refused. */
    minUploadBytesPerS: number;
  };
  /** What each process takes on at the same time. A caller is an account, or without one a client address. */
  concurrency: {
    /** Requests and handshakes of WebSockets, those included whose body has not arrived. */
    requestsPerCaller: number;
    uploads: number;
    uploadsPerCaller: number;
    /** Connections that have not sent the headers of a request yet. */
    newConnectionsPerAddress: number;
  };
  /** Whether a proxy in front of the gateway sets X-Forwarded-For, -Proto and -Host, as an ingress does. */
  trustProxy: boolean;
  /** Proxies in front of that one, which are believed about a client's address, too. */
  trustedProxies: BlockList;
  /** Other origins whose pages may call with the user's cookie. */
  allowedOrigins: string[];
  rateLimit: {
    enabled: boolean;
    /** For an account, for a client address, and for an address that registers or logs in. */
    perMinute: Record<Policy, number>;
    /** Callers of each kind remembered at most; beyond that, the least recently seen start anew. */
    maxCallers: number;
  };
  /** Verified tokens remembered at most. */
  tokenCacheSize: number;
};

export function readGatewayConfig(env: Env): GatewayConfig {
  const url = (port: number) => serviceUrl(`http://127.0.0.1:${port}`).default(`http://127.0.0.1:${port}`);
  const { raw, common } = readGroups({
    common: () => readCommonConfig({ port: 8080, metricsPort: 9180 }, env),
    raw: () =>
      readEnv(
        {
          WORKERS: integer(1, 1, 64),
          JWT_SECRET: requiredSecret(secret(TOKEN_PROFILE.secretBytes)),
          JWT_SECRET_PREVIOUS: lateSecret(secret(TOKEN_PROFILE.secretBytes)),
          AUTH_SERVICE_URL: url(8081),
          CHAT_SERVICE_URL: url(8082),
          FEED_SERVICE_URL: url(8083),
          PROFILE_SERVICE_URL: url(8084),
          UPSTREAM_TIMEOUT_MS: integer(30_000, 100, 600_000),
          UPSTREAM_CONNECT_TIMEOUT_MS: integer(2_000, 10, 60_000),
          UPSTREAM_CIRCUIT_FAILURES: integer(10, 1, 10_000),
          UPSTREAM_CIRCUIT_PAUSE_MS: integer(1_000, 10, 600_000),
          UPSTREAM_MAX_SOCKETS: integer(256, 1, 10_000),
          UPSTREAM_MAX_QUEUED: integer(128, 0, 10_000),
          WS_CLOSE_TIMEOUT_MS: integer(5_000, 10, 60_000),
          HEADERS_TIMEOUT_MS: integer(10_000, 100, 600_000),
          REQUEST_TIMEOUT_MS: integer(60_000, 100, 600_000),
          KEEP_ALIVE_TIMEOUT_MS: integer(65_000, 100, 600_000),
          BODY_BUFFER_BYTES: integer(65_536, 0, 1_048_576),
          BODY_BUFFER_TOTAL_BYTES: integer(33_554_432, 1_048_576, 4_294_967_296),
          UPLOAD_MIN_BYTES_PER_S: integer(2_048, 0, 1_048_576),
          MAX_UPLOADS: integer(32, 1, 10_000),
          MAX_UPLOADS_PER_CALLER: integer(4, 1, 10_000),
          MAX_REQUESTS_PER_CALLER: integer(64, 1, 100_000),
          MAX_NEW_CONNECTIONS_PER_ADDRESS: integer(1_024, 1, 100_000),
          TRUST_PROXY: flag(false),
          TRUSTED_PROXIES: networks(),
          CORS_ALLOWED_ORIGINS: origins(),
          RATE_LIMIT: flag(true),
          RATE_LIMIT_PER_MINUTE: integer(600, 1, 1_000_000),
          RATE_LIMIT_ADDRESS_PER_MINUTE: integer(300, 1, 1_000_000),
          RATE_LIMIT_SIGN_IN_PER_MINUTE: integer(20, 1, 1_000_000),
          RATE_LIMIT_STORE: optionalSecret(databaseUrl()),
          RATE_LIMIT_MAX_CALLERS: integer(100_000, 1, 10_000_000),
          TOKEN_CACHE_SIZE: integer(10_000, 1, 1_000_000),
        },
        env,
      ),
  });
  return {
    ...common,
    workers: raw.WORKERS,
    secrets: {
      jwt: raw.JWT_SECRET,
      jwtPrevious: raw.JWT_SECRET_PREVIOUS,
      rateLimitStore: raw.RATE_LIMIT_STORE,
    },
    services: {
      auth: raw.AUTH_SERVICE_URL,
      chat: raw.CHAT_SERVICE_URL,
      feed: raw.FEED_SERVICE_URL,
      profile: raw.PROFILE_SERVICE_URL,
    },
    upstream: {
      timeoutMs: raw.UPSTREAM_TIMEOUT_MS,
      connectTimeoutMs: raw.UPSTREAM_CONNECT_TIMEOUT_MS,
      circuitBreaker: { failures: raw.UPSTREAM_CIRCUIT_FAILURES, resetMs: raw.UPSTREAM_CIRCUIT_PAUSE_MS },
      maxSockets: raw.UPSTREAM_MAX_SOCKETS,
      maxQueued: raw.UPSTREAM_MAX_QUEUED,
    },
    webSocketCloseTimeoutMs: raw.WS_CLOSE_TIMEOUT_MS,
    timeouts: {
      headersMs: raw.HEADERS_TIMEOUT_MS,
      requestMs: raw.REQUEST_TIMEOUT_MS,
      keepAliveMs: raw.KEEP_ALIVE_TIMEOUT_MS,
    },
    bodies: {
      bufferedBytes: raw.BODY_BUFFER_BYTES,
      totalBufferedBytes: raw.BODY_BUFFER_TOTAL_BYTES,
      minUploadBytesPerS: raw.UPLOAD_MIN_BYTES_PER_S,
    },
    concurrency: {
      requestsPerCaller: raw.MAX_REQUESTS_PER_CALLER,
      uploads: raw.MAX_UPLOADS,
      uploadsPerCaller: raw.MAX_UPLOADS_PER_CALLER,
      newConnectionsPerAddress: raw.MAX_NEW_CONNECTIONS_PER_ADDRESS,
    },
    trustProxy: raw.TRUST_PROXY,
    trustedProxies: raw.TRUSTED_PROXIES,
    allowedOrigins: raw.CORS_ALLOWED_ORIGINS,
    rateLimit: {
      enabled: raw.RATE_LIMIT,
      perMinute: {
        account: raw.RATE_LIMIT_PER_MINUTE,
        address: raw.RATE_LIMIT_ADDRESS_PER_MINUTE,
        'sign-in': raw.RATE_LIMIT_SIGN_IN_PER_MINUTE,
      },
      maxCallers: raw.RATE_LIMIT_MAX_CALLERS,
    },
    tokenCacheSize: raw.TOKEN_CACHE_SIZE,
  };
}
