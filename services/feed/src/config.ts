import {
  type Env,
  integer,
  readCommonConfig,
  readDatabaseConfig,
  readEnv,
  readEventsConfig,
  readGroups,
} from '@wave-connect/chassis/config';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base';
import { z } from 'zod';

export type ProfilesConfig = {
  /** Where the profile service serves gRPC, by gRPC's own naming: github.com/grpc/grpc/blob/master/doc/naming.md. */
  target: string;
  /** Time in ms that a page waits for authors at most. */
  deadlineMs: number;
};
export type FeedConfig = DataServiceConfig & {
  profiles: ProfilesConfig;
  /** Rows of a deleted account that one transaction deletes. */
  erasureBatchRows: number;
};

const TARGET = /^(?:dns:\/\/\/|ipv4:)?[^\s/]+:\d{1,5}$/;

export function readFeedConfig(env: Env): FeedConfig {
  const { raw, common, database, events } = readGroups({
    common: () => readCommonConfig({ port: 8083, metricsPort: 9183 }, env),
    database: () => readDatabaseConfig(env),
    events: () => readEventsConfig(env),
    raw: () =>
      readEnv(
        {
          PROFILE_GRPC_TARGET: z
            .string()
            .regex(TARGET, { message: 'must look like host:9084 or dns:///host:9084' })
            .default('127.0.0.1:9084'),
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
