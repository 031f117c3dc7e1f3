import { runMain } from '@wave-connect/chassis/service';
import { readChatConfig } from './config.ts';
import { createChat } from './service.ts';

await runMain({ name: 'chat', readConfig: readChatConfig, create: createChat });
