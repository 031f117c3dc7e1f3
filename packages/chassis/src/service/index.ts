export type { Part } from '../part.ts';
export { createPruning } from '../pruning.ts';
export type { Lifecycle } from './lifecycle.ts';
export { runMain } from './main.ts';
export { createService, type Service } from './service.ts';
