import { join } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');
export const dataServices = ['auth', 'chat', 'feed', 'profile'];
export const services = ['gateway', ...dataServices];
