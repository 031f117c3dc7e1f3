export { createDatabase, dropDatabase, withClient } from './databases.ts';
export { queryPlans } from './query-plans.ts';
export { type PostgresServer, startPostgres } from './server.ts';
export { removePostgresData } from './user.ts';
