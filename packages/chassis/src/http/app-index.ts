export { bareApp, createServiceApp } from './app.ts';
export { contractFile, readContract, UUID } from './contract.ts';
export { presentPage } from './page.ts';
export { createRouter, type ServiceRoutes } from './router.ts';
