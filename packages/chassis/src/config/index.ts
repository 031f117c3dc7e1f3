export { type CommonConfig, readCommonConfig } from './common.ts';
export { readDatabaseConfig } from './database.ts';
export { databaseUrl, type Env, flag, integer, port, readEnv, secret, serviceUrl } from './env.ts';
export { readEventsConfig } from './events.ts';
