import { runMain } from '@wave-connect/chassis/service';
import { readAuthConfig } from './config.ts';
import { createAuth } from './service.ts';

await runMain({ name: 'auth', readConfig: readAuthConfig, create: createAuth });
