export { assertAccountExists, isDeleted, markDeleted, notDeleted } from './deleted-accounts.ts';
export { readPrismaFolder } from './migrations.ts';
export { RotatingPool } from './rotating-pool.ts';
