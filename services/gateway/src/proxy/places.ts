import type { Shedding } from '@wave-connect/chassis/http/shedding.ts';
import type { GatewayConfig } from '../config.ts';
import type { ServiceName } from '../routes.ts';

export type Places = {
  /**
   * Counts a request to a service until it leaves.
   * @throws OverloadedError
   */
  enter(service: ServiceName): void;
  leave(service: ServiceName): void;
};

/**
 * Refuses what would wait too far back for a connection to its service, so that one that hangs takes up neither the
 * gateway's memory nor what the others' requests may use.
 */
export function createPlaces({ maxSockets, maxQueued }: GatewayConfig['upstream'], shedding: Shedding): Places {
  const taken: Record<ServiceName, number> = { auth: 0, chat: 0, feed: 0, profile: 0 };
  return {
    enter(service) {
      if (taken[service] >= maxSockets + maxQueued) throw shedding.refuse('upstream');
      taken[service] += 1;
    },
    leave(service) {
      taken[service] -= 1;
    },
  };
}
