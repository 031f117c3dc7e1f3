import type { Logger } from '@wave-connect/chassis/log.ts';
import type { Metrics } from '@wave-connect/chassis/metrics.ts';
import type { Part } from '@wave-connect/chassis/service/lifecycle.ts';
import type { GatewayConfig } from '../config.ts';
import { SERVICES, type ServiceName } from '../routes.ts';
import { type Circuit, createCircuit } from './circuit.ts';
import { createRequestProxy, type RequestProxy } from './request-proxy.ts';

export type Upstreams = Part & { to: Record<ServiceName, RequestProxy> };

/** The services, each with connections and a circuit of its own. */
export function createUpstreams(
  config: Pick<GatewayConfig, 'services' | 'upstream' | 'trustProxy'>,
  { log, metrics }: { log: Logger; metrics: Metrics },
): Upstreams {
  function circuitOf(service: ServiceName): Circuit {
    const circuit = createCircuit(config.upstream.circuit, (open) => {
      if (open) log.warn({ upstream: service }, 'a service does not answer: its requests are refused for now');
      else log.info({ upstream: service }, 'the service answers again');
    });
    const read = () => Number(circuit.open);
    const help = 'Whether requests to a service are refused because it does not answer.';
    metrics.observedGauge('upstream_circuit_open', help, read, { upstream: service });
    return circuit;
  }

  const to = Object.fromEntries(
    SERVICES.map((service) => {
      const target = config.services[service];
      return [service, createRequestProxy(service, target, config, circuitOf(service))];
    }),
  ) as Upstreams['to'];
  return { name: 'upstreams', to, stop: () => Promise.all(SERVICES.map((service) => to[service].close())) };
}
