export type { Part } from '../part.ts';
export { runMain } from './main.ts';
export { createService, type Service } from './service.ts';
