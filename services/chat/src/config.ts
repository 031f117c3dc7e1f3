import {
  type Env,
  flag,
  grpcTarget,
  integer,
  readCommonConfig,
  readDatabaseConfig,
  readEnv,
  readEventsConfig,
  readGroups,
  serviceUrl,
} from '@wave-connect/chassis/config';
import type { ProfilesConfig } from '@wave-connect/chassis/profile-client';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base';

export type SocketsConfig = {
  /** Sockets that this process holds open; further ones are refused with 503. */
  maxOpen: number;
  /** How many of them may be one person's. */
  maxOpenPerUser: number;
  /** Frames of one socket that wait for their turn before no more is read from it. */
  maxWaitingFrames: number;
  /** Bytes that a reader may be behind before it is cut off. */
  maxBufferedBytes: number;
  /** A socket that has not responded to one ping by the time of the next is cut off. */
  pingIntervalMs: number;
  /** Time in ms that clients have to respond to the close of a service that stops. */
  closeTimeoutMs: number;
};

/** A token bucket for each account, which its sockets on this process share. */
export type FrameLimitsConfig = {
  enabled: boolean;
  /** What flows into the bucket. */
  perMinute: number;
  /** What it holds: frames that may come at once. */
  burst: number;
  /** Accounts that are kept; beyond them, those that were heard longest ago start anew. */
  maxAccounts: number;
};

export type ChatConfig = DataServiceConfig & {
  sockets: SocketsConfig;
  /** Origin of auth, which tells what it has revoked. */
  authUrl: string;
  frameLimits: FrameLimitsConfig;
  /** Where people are asked for who are written to for the first time. */
  profiles: ProfilesConfig;
  /** Messages that wait to be stored; further ones are refused with 503. */
  maxWaitingMessages: number;
  /** Ids of delivered messages that are remembered, so that their events are not delivered again. */
  rememberedDeliveries: number;
  /** Rows of a deleted account that one transaction deletes. */
  erasureBatchRows: number;
};

const MiB = 1024 * 1024;

export function readChatConfig(env: Env): ChatConfig {
  const { raw, common, database, events } = readGroups({
    common: () => readCommonConfig({ port: 8082, metricsPort: 9182 }, env),
    database: () => readDatabaseConfig(env),
    events: () => readEventsConfig(env),
    raw: () =>
      readEnv(
        {
          RATE_LIMIT: flag(true),
          CHAT_FRAMES_PER_MINUTE: integer(600, 1, 1_000_000),
          CHAT_FRAMES_BURST: integer(60, 1, 1_000_000),
          PROFILE_GRPC_TARGET: grpcTarget('127.0.0.1:9084'),
          PROFILE_GRPC_DEADLINE_MS: integer(1_000, 10, 5_000),
          CHAT_MAX_WAITING_MESSAGES: integer(5_000, 1, 1_000_000),
          AUTH_SERVICE_URL: serviceUrl('http://127.0.0.1:8081').default('http://127.0.0.1:8081'),
          WS_MAX_SOCKETS: integer(10_000, 1, 1_000_000),
          WS_MAX_SOCKETS_PER_USER: integer(20, 1, 10_000),
          WS_MAX_WAITING_FRAMES: integer(32, 1, 10_000),
          WS_MAX_BUFFERED_BYTES: integer(MiB, 1_024, 1_024 * MiB),
          WS_PING_INTERVAL_MS: integer(30_000, 10, 600_000),
          WS_CLOSE_TIMEOUT_MS: integer(5_000, 10, 60_000),
          WS_REMEMBERED_DELIVERIES: integer(50_000, 100, 10_000_000),
          ERASURE_BATCH_ROWS: integer(1_000, 1, 10_000),
        },
        env,
      ),
  });
  return {
    ...common,
    database,
    events,
    authUrl: raw.AUTH_SERVICE_URL,
    sockets: {
      maxOpen: raw.WS_MAX_SOCKETS,
      maxOpenPerUser: raw.WS_MAX_SOCKETS_PER_USER,
      maxWaitingFrames: raw.WS_MAX_WAITING_FRAMES,
      maxBufferedBytes: raw.WS_MAX_BUFFERED_BYTES,
      pingIntervalMs: raw.WS_PING_INTERVAL_MS,
      closeTimeoutMs: raw.WS_CLOSE_TIMEOUT_MS,
    },
    frameLimits: {
      enabled: raw.RATE_LIMIT,
      perMinute: raw.CHAT_FRAMES_PER_MINUTE,
      burst: raw.CHAT_FRAMES_BURST,
      maxAccounts: raw.WS_MAX_SOCKETS,
    },
    profiles: { target: raw.PROFILE_GRPC_TARGET, deadlineMs: raw.PROFILE_GRPC_DEADLINE_MS },
    maxWaitingMessages: raw.CHAT_MAX_WAITING_MESSAGES,
    rememberedDeliveries: raw.WS_REMEMBERED_DELIVERIES,
    erasureBatchRows: raw.ERASURE_BATCH_ROWS,
  };
}
