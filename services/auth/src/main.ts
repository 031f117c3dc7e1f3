import { runMain } from '@wave-connect/chassis/service/main.ts';
import { readAuthConfig } from './config.ts';
import { createAuth } from './service.ts';

await runMain({ name: 'auth', readConfig: readAuthConfig, create: createAuth });
