import { hostname } from 'node:os';
import { z } from 'zod';
import { type Env, integer, port, readEnv } from './env.ts';

/** What every service is told: where it listens, how loud it is, how long it may take to stop, how much it takes on. */
export type CommonConfig = {
  host: string;
  port: number;
  metricsPort: number;
  logLevel: string;
  /** Names this process among the replicas of its service, the same over a restart where it can be. */
  instanceId: string;
  shutdown: {
    /** Time in ms between "not ready" and the first closed socket, for load balancers to notice. */
    delayMs: number;
    /** Time in ms that a stop may take, the delay included. */
    deadlineMs: number;
  };
  /** Beyond these, requests are refused with 503. */
  overload: {
    requestsInFlight: number;
    /** Time in ms by which the event loop is late on average. */
    eventLoopDelayMs: number;
  };
};

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export function readCommonConfig(defaults: { port: number; metricsPort: number }, env: Env): CommonConfig {
  const raw = readEnv(
    {
      HOST: z.string().default('127.0.0.1'),
      PORT: port(defaults.port),
      METRICS_PORT: port(defaults.metricsPort),
      LOG_LEVEL: z.enum(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
      INSTANCE_ID: z.string().optional(),
      SHUTDOWN_DELAY_MS: integer(0, 0, 60_000),
      SHUTDOWN_DEADLINE_MS: integer(25_000, 1_000, 600_000),
      MAX_REQUESTS_IN_FLIGHT: integer(1_000, 1, 100_000),
      SHED_EVENT_LOOP_DELAY_MS: integer(1_000, 10, 60_000),
    },
    env,
    ({ SHUTDOWN_DELAY_MS: delay = 0, SHUTDOWN_DEADLINE_MS: deadline = Number.POSITIVE_INFINITY }) =>
      delay > deadline / 2
        ? ['SHUTDOWN_DELAY_MS: must be at most half of SHUTDOWN_DEADLINE_MS, to leave time for the stop']
        : [],
  );
  return {
    host: raw.HOST,
    port: raw.PORT,
    metricsPort: raw.METRICS_PORT,
    logLevel: raw.LOG_LEVEL,
    instanceId: raw.INSTANCE_ID ?? `${hostname()}-${raw.PORT || process.pid}`,
    shutdown: { delayMs: raw.SHUTDOWN_DELAY_MS, deadlineMs: raw.SHUTDOWN_DEADLINE_MS },
    overload: { requestsInFlight: raw.MAX_REQUESTS_IN_FLIGHT, eventLoopDelayMs: raw.SHED_EVENT_LOOP_DELAY_MS },
  };
}
