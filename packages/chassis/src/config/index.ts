export { type CommonConfig, readCommonConfig } from './common.ts';
export { readDatabaseConfig } from './database.ts';
export {
  databaseUrl,
  type Env,
  flag,
  grpcTarget,
  integer,
  lateSecret,
  optionalSecret,
  port,
  readEnv,
  readGroups,
  requiredSecret,
  secret,
  serviceUrl,
} from './env.ts';
export { readEventsConfig } from './events.ts';
export { constantSecret, derivedSecret, type Secret } from './secret.ts';
