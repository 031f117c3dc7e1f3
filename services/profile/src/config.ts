import { type Env, flag, port, readCommonConfig, readDatabaseConfig, readEnv, readEventsConfig } from '@wave-connect/chassis/config';
import type { DataServiceConfig } from '@wave-connect/chassis/service/base';

export type ProfileConfig = DataServiceConfig & {
  grpc: {
    port: number;
    /** Whether tools may ask what there is to call; for development. */
    reflection: boolean;
  };
};

export function readProfileConfig(env: Env): ProfileConfig {
  const raw = readEnv(
    {
      GRPC_PORT: port(9084),
      GRPC_REFLECTION: flag(false),
    },
    env,
  );
  return {
    ...readCommonConfig({ port: 8084, metricsPort: 9184 }, env),
    database: readDatabaseConfig(env),
    events: readEventsConfig(env),
    grpc: { port: raw.GRPC_PORT, reflection: raw.GRPC_REFLECTION },
  };
}
