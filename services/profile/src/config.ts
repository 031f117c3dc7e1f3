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
import type { AvatarLimits } from './domain/avatar-image.ts';
import type { ProfileLimits } from './domain/profiles.ts';

export type ProfileConfig = DataServiceConfig & {
  limits: ProfileLimits;
  avatars: AvatarLimits;
  grpc: {
    port: number;
    /** Whether tools may ask what there is to call; for development. */
    reflection: boolean;
  };
};

const MIB = 1024 * 1024;

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
          AVATAR_DECODERS: integer(2, 1, 64),
          AVATAR_DECODERS_MEMORY_MIB: integer(64, 32, 4_096),
          AVATAR_DECODERS_WAITING: integer(16, 0, 1_000),
          AVATAR_DECODER_TIMEOUT_S: integer(10, 1, 60),
        },
        env,
      ),
  });
  return {
    ...common,
    database,
    events,
    avatars: {
      concurrency: raw.AVATAR_DECODERS,
      memoryBytes: raw.AVATAR_DECODERS_MEMORY_MIB * MIB,
      waiting: raw.AVATAR_DECODERS_WAITING,
      timeoutS: raw.AVATAR_DECODER_TIMEOUT_S,
    },
    limits: { avatarChangesPerHour: raw.AVATAR_CHANGES_PER_HOUR },
    grpc: { port: raw.GRPC_PORT, reflection: raw.GRPC_REFLECTION },
  };
}
