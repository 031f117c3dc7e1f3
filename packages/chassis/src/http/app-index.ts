export { bareApp, createServiceApp } from './app.ts';
export { contractFile, FORMATS, readContract, UUID } from './contract.ts';
export { createRouter, type ServiceRoutes } from './router.ts';
