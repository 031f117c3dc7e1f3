import { readCommonConfig } from '@wave-connect/chassis/config/common.ts';
import { readDatabaseConfig } from '@wave-connect/chassis/config/database.ts';
import type { Env } from '@wave-connect/chassis/config/env.ts';
import { readEventsConfig } from '@wave-connect/chassis/config/events.ts';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base.ts';

export type FeedConfig = DataServiceConfig;

export function readFeedConfig(env: Env): FeedConfig {
  return {
    ...readCommonConfig({ port: 8083, metricsPort: 9183 }, env),
    database: readDatabaseConfig(env),
    events: readEventsConfig(env),
  };
}
