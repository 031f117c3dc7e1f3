import { runMain } from '@wave-connect/chassis/service';
import { readFeedConfig } from './config.ts';
import { createFeed } from './service.ts';

await runMain({ name: 'feed', readConfig: readFeedConfig, create: createFeed });
