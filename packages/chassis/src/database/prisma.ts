import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';

/** Lets a Prisma client use the pool, which stays the caller's to end. */
export const prismaAdapter = (pool: pg.Pool): PrismaPg => new PrismaPg(pool, { disposeExternalPool: false });

const UNIQUE_VIOLATION = 'P2002';

/** Whether a Prisma client refused a row because one like it is there. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && (error as { code?: unknown }).code === UNIQUE_VIOLATION;
