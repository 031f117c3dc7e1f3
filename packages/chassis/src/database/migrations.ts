import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Migration = { name: string; sql: string; checksum: string };

/** A service's `prisma/` folder as it lies on disk. `dir` is the URL of that folder, with its final slash. */
export type PrismaFolder = { dir: string; schema: string; lockfile: string; migrations: Migration[] };

/** Reads schema and migrations, oldest first; checksums are those of Prisma's `_prisma_migrations`. */
export function readPrismaFolder(dir: URL): PrismaFolder {
  const migrations = readdirSync(new URL('migrations/', dir), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(`migrations/${name}/migration.sql`, dir), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
  return {
    dir: fileURLToPath(dir),
    schema: readFileSync(new URL('schema.prisma', dir), 'utf8'),
    lockfile: readFileSync(new URL('migrations/migration_lock.toml', dir), 'utf8'),
    migrations,
  };
}
