import { readCommonConfig } from '@wave-connect/chassis/config/common.ts';
import { readDatabaseConfig } from '@wave-connect/chassis/config/database.ts';
import type { Env } from '@wave-connect/chassis/config/env.ts';
import { readEventsConfig } from '@wave-connect/chassis/config/events.ts';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base.ts';

export type ProfileConfig = DataServiceConfig;

export function readProfileConfig(env: Env): ProfileConfig {
  return {
    ...readCommonConfig({ port: 8084, metricsPort: 9184 }, env),
    database: readDatabaseConfig(env),
    events: readEventsConfig(env),
  };
}
