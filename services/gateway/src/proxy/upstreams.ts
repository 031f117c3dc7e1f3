import { type CircuitBreaker, createCircuitBreaker } from '@wave-connect/chassis/circuit-breaker';
import type { Shedding } from '@wave-connect/chassis/http';
import type { Logger, Metrics } from '@wave-connect/chassis/observability';
import type { Part } from '@wave-connect/chassis/service';
import type { GatewayConfig } from '../config.ts';
import { once } from '../edge/limit-each.ts';
import { SERVICES, type ServiceName } from '../routes.ts';
import { createRequestProxy, type RequestProxy } from './request-proxy.ts';

/** A service, with its own connections, circuit breaker and concurrency limit. */
type Upstream = RequestProxy & { concurrency: ConcurrencyLimit };

export type Upstreams = Part & { to: Record<ServiceName, Upstream> };

/**
 * Bounds the requests to one service that are in-flight or wait for a connection, so that a service that hangs takes
 * up neither the gateway's memory nor the share of the others.
 */
type ConcurrencyLimit = {
  /** @throws OverloadedError */
  assertRoom(): void;
  /**
   * Counts a request or a handshake until the function that it returns is called, once or more often.
   * @throws OverloadedError
   */
  enter(): () => void;
};

export function createUpstreams(
  config: Pick<GatewayConfig, 'services' | 'upstream' | 'bodies' | 'trustProxy'>,
  { shedding, log, metrics }: { shedding: Shedding; log: Logger; metrics: Metrics },
): Upstreams {
  const to = Object.fromEntries(
    SERVICES.map((service) => {
      const breaker = createBreaker(service, config.upstream.circuitBreaker, { log, metrics });
      const proxy = createRequestProxy(service, config.services[service], config, breaker);
      const concurrency = createConcurrencyLimit(config.upstream, shedding);
      return [service, { ...proxy, concurrency, forward: limited(proxy.forward, concurrency) }];
    }),
  ) as Upstreams['to'];
  return { name: 'upstreams', to, stop: () => Promise.all(SERVICES.map((service) => to[service].close())) };
}

function createBreaker(
  upstream: ServiceName,
  config: GatewayConfig['upstream']['circuitBreaker'],
  { log, metrics }: { log: Logger; metrics: Metrics },
): CircuitBreaker {
  const breaker = createCircuitBreaker(config, (state) => {
    if (state === 'open') log.warn({ upstream }, 'circuit breaker open: requests to the service are refused');
    else log.info({ upstream }, 'circuit breaker closed: the service responds again');
  });
  const help = 'Whether requests to a service are refused because it does not respond.';
  metrics.observedGauge('upstream_circuit_open', help, () => Number(breaker.state !== 'closed'), { upstream });
  return breaker;
}

function createConcurrencyLimit(
  { maxSockets, maxQueued }: GatewayConfig['upstream'],
  shedding: Shedding,
): ConcurrencyLimit {
  let inFlight = 0;

  function assertRoom(): void {
    if (inFlight >= maxSockets + maxQueued) throw shedding.refuse('upstream');
  }

  return {
    assertRoom,
    enter() {
      assertRoom();
      inFlight += 1;
      return once(() => {
        inFlight -= 1;
      });
    },
  };
}

function limited(forward: RequestProxy['forward'], concurrency: ConcurrencyLimit): RequestProxy['forward'] {
  return async (...request) => {
    const leave = concurrency.enter();
    try {
      await forward(...request);
    } finally {
      leave();
    }
  };
}
