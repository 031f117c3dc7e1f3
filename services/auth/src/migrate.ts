import { runMigrate } from '@wave-connect/chassis/database/migrate';
import { prismaDir } from './repository/client.ts';

await runMigrate('auth', prismaDir, process.env);
