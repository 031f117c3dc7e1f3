import { runMigrate } from '@wave-connect/chassis/database/migrate.ts';
import { prismaDir } from './repository/client.ts';

await runMigrate('chat', prismaDir, process.env);
