import { startPostgres } from './src/postgres-server.ts';

const pg = await startPostgres({ dataDir: '/tmp/scratch/pg' });
for (const d of ['auth_db', 'chat_db', 'feed_db', 'profile_db', 'events_db']) await pg.createDatabase(d);
process.on('SIGTERM', () => pg.stop());
setInterval(() => {}, 1000);
