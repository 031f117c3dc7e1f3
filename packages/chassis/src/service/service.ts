import type { CommonConfig } from '../config/common.ts';
import { createMetricsPart } from '../http/metrics-server.ts';
import type { HttpServer } from '../http/server.ts';
import type { Shedding } from '../http/shedding.ts';
import type { Health } from '../observability/health.ts';
import type { Logger } from '../observability/log.ts';
import { expositionOf, type Metrics } from '../observability/metrics.ts';
import type { Part } from '../part.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';

/** A service as its callers see it. The URLs are known once it has started. */
export type Service = Lifecycle & { readonly url: string; readonly metricsUrl: string };

export type ServiceParts = {
  config: CommonConfig;
  log: Logger;
  health: Health;
  metrics: Metrics;
  /** In place of a server of `/metrics`. */
  metricsPart?: (Part & { url: string }) | undefined;
  shedding: Shedding;
  http: HttpServer;
  /** What requests stand on: starts before the server and stops after it. */
  parts?: Part[];
  /** What is closed before the server stops accepting. */
  sockets?: Part[];
};

/** Puts a service's parts in order around its server. */
export function createService(given: ServiceParts): Service {
  const { config, log, health, metrics, shedding, http, parts = [], sockets = [] } = given;
  const metricsAddress = { host: config.host, port: config.metricsPort };
  const metricsPart = given.metricsPart ?? createMetricsPart(expositionOf(metrics), metricsAddress);
  let url = '';
  const inOrder: Part[] = [
    metricsPart,
    shedding.part,
    ...parts,
    {
      name: 'http',
      start: async () => {
        url = await http.start();
        log.info({ url }, 'listening');
      },
      drain: http.drain,
      stop: http.stop,
    },
    ...sockets,
  ];
  return {
    ...createLifecycle(inOrder, { health, log, shutdown: config.shutdown }),
    get url() {
      return url;
    },
    get metricsUrl() {
      return metricsPart.url;
    },
  };
}
