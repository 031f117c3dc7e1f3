import { sendProblem, toProblem } from '@wave-connect/chassis/http/problem.ts';
import type { Shedding } from '@wave-connect/chassis/http/shedding.ts';
import type { RequestHandler } from 'express';
import type { GatewayConfig } from '../config.ts';
import { type ServiceName, serviceOf } from '../domain/routes.ts';

/**
 * Refuses what would wait too far back for a connection to its service, so that one that hangs takes up neither the
 * gateway's memory nor what the others' requests may use.
 */
export function limitPerService(
  { maxSockets, maxQueued }: GatewayConfig['upstream'],
  shedding: Shedding,
): RequestHandler {
  const inFlight = new Map<ServiceName, number>();
  return (req, res, next) => {
    const service = serviceOf(req.url);
    if (service === undefined) return next();
    const count = inFlight.get(service) ?? 0;
    if (count >= maxSockets + maxQueued) return sendProblem(res, toProblem(shedding.refuse('upstream')));
    inFlight.set(service, count + 1);
    res.once('close', () => inFlight.set(service, (inFlight.get(service) ?? 0) - 1));
    next();
  };
}
