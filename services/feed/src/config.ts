import {
  type Env,
  grpcTarget,
  integer,
  readCommonConfig,
  readDatabaseConfig,
  readEnv,
  readEventsConfig,
  readGroups,
} from '@wave-connect/chassis/config';
import type { ProfilesConfig } from '@wave-connect/chassis/profile-client';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base';

export type FeedConfig = DataServiceConfig & {
  profiles: ProfilesConfig;
  /** Rows of a deleted account that one transaction deletes. */
  erasureBatchRows: number;
};

export function readFeedConfig(env: Env): FeedConfig {
  const { raw, common, database, events } = readGroups({
    common: () => readCommonConfig({ port: 8083, metricsPort: 9183 }, env),
    database: () => readDatabaseConfig(env),
    events: () => readEventsConfig(env),
    raw: () =>
      readEnv(
        {
          PROFILE_GRPC_TARGET: grpcTarget('127.0.0.1:9084'),
          PROFILE_GRPC_DEADLINE_MS: integer(150, 10, 5_000),
          ERASURE_BATCH_ROWS: integer(1_000, 1, 10_000),
        },
        env,
      ),
  });
  return {
    ...common,
    database,
    events,
    profiles: { target: raw.PROFILE_GRPC_TARGET, deadlineMs: raw.PROFILE_GRPC_DEADLINE_MS },
    erasureBatchRows: raw.ERASURE_BATCH_ROWS,
  };
}
