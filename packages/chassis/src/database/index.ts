export { assertAccountExists, isDeleted, markDeleted, notDeleted } from './deleted-accounts.ts';
export { readPrismaFolder } from './migrations.ts';
export { prismaAdapter } from './pool.ts';
export { isUniqueViolation } from './prisma-errors.ts';
export { RotatingPool } from './rotating-pool.ts';
export type { SqlExecutor } from './sql.ts';
