import './heap-limits.ts';
import { runMain } from '@wave-connect/chassis/service';
import { readGatewayConfig } from './config.ts';
import { createGateway } from './service.ts';

await runMain({ name: 'gateway', readConfig: readGatewayConfig, create: createGateway });
