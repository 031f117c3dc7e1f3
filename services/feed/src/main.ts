import { runMain } from '@wave-connect/chassis/service/main.ts';
import { readFeedConfig } from './config.ts';
import { createFeed } from './service.ts';

await runMain({ name: 'feed', readConfig: readFeedConfig, create: createFeed });
