export { bareApp, createServiceApp } from './app.ts';
export { contractFile, readContract, UUID } from './contract.ts';
export { pageQuery, presentPage } from './page.ts';
