import type { Exposition } from '../observability/metrics.ts';
import { createHttpServer } from './server.ts';

/** A part that serves `/metrics`; its URL is known once it has started. */
export type MetricsPart = { name: string; url: string; start(): Promise<void>; stop(limitMs?: number): Promise<void> };

/** Serves `/metrics` on a port of its own, which the gateway does not route to. */
export function createMetricsPart(metrics: Exposition, address: { host: string; port: number }): MetricsPart {
  const server = createHttpServer(async (req, res) => {
    if (req.url !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    const body = await metrics.text();
    res.writeHead(200, { 'Content-Type': metrics.contentType }).end(body);
  }, address);
  const part = {
    name: 'metrics',
    url: '',
    async start() {
      part.url = await server.start();
    },
    stop: server.stop,
  };
  return part;
}
