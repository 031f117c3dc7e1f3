import {
  type Env,
  flag,
  integer,
  port,
  readCommonConfig,
  readDatabaseConfig,
  readEnv,
  readEventsConfig,
  readGroups,
} from '@wave-connect/chassis/config';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base';
import type { ProfileLimits } from './domain/profiles.ts';

export type ProfileConfig = DataServiceConfig & {
  limits: ProfileLimits;
  grpc: {
    port: number;
    /** Whether tools may ask what there is to call; for development. */
    reflection: boolean;
  };
};

export function readProfileConfig(env: Env): ProfileConfig {
  const { raw, common, database, events } = readGroups({
    common: () => readCommonConfig({ port: 8084, metricsPort: 9184 }, env),
    database: () => readDatabaseConfig(env),
    events: () => readEventsConfig(env),
    raw: () =>
      readEnv(
        {
          GRPC_PORT: port(9084),
          GRPC_REFLECTION: flag(false),
          AVATAR_CHANGES_PER_HOUR: integer(10, 1, 10_000),
        },
        env,
      ),
  });
  return {
    ...common,
    database,
    events,
    limits: { avatarChangesPerHour: raw.AVATAR_CHANGES_PER_HOUR },
    grpc: { port: raw.GRPC_PORT, reflection: raw.GRPC_REFLECTION },
  };
}
