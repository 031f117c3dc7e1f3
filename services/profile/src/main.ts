import { runMain } from '@wave-connect/chassis/service';
import { readProfileConfig } from './config.ts';
import { createProfile } from './service.ts';

await runMain({ name: 'profile', readConfig: readProfileConfig, create: createProfile });
