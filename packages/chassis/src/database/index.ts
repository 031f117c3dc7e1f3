export { assertAccountExists, isDeleted, markDeleted, notDeleted } from './deleted-accounts.ts';
export { forgetKeys, type Idempotency, keyPruning, onceForKey, type Responded } from './idempotency.ts';
export { readPrismaFolder } from './migrations.ts';
export { RotatingPool } from './rotating-pool.ts';
export { isTransient } from './transient.ts';
