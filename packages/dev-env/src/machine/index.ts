export { defaultDataDir, repositoryRoot, temporaryFolder } from './folders.ts';
export { freePort, freePorts, requireFreePort } from './ports.ts';
export { SetupError } from './setup-error.ts';
