import './heap-limits.ts';
import cluster from 'node:cluster';
import { runMain } from '@wave-connect/chassis/service';
import { readGatewayConfig } from './config.ts';
import { createGateway } from './service.ts';
import { asWorker, createWorkers } from './workers.ts';

await runMain({
  name: 'gateway',
  readConfig: readGatewayConfig,
  create(config, { log }) {
    if (cluster.isWorker) return asWorker(createGateway(config, { log }));
    return config.workers > 1 ? createWorkers(config, log) : createGateway(config, { log });
  },
});
