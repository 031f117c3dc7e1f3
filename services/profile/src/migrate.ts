import { runMigrate } from '@wave-connect/chassis/database/migrate.ts';
import { prismaDir } from './repository/client.ts';

await runMigrate('profile', prismaDir, process.env);
