import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RequestHandler } from 'express';
import type { CommonConfig } from '../config/common.ts';
import { OverloadedError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part.ts';
import { sendProblem, toProblem } from './problem.ts';

/** What there is too much of; a label of `requests_shed_total`. */
type ShedReason =
  | 'requests'
  | 'event_loop'
  | 'pool'
  | 'upstream'
  | 'uploads'
  | 'bodies'
  | 'images'
  | 'passwords'
  | 'sockets';

export type Shedding = {
  /** Measures while the service runs. */
  part: Part;
  /** Counts a request for as long as it takes, or refuses it. Comes after the probes and before all that costs. */
  limit: RequestHandler;
  /**
   * The same for what is not express: counts a request until the function that it returns is called, once or more often.
   * @throws OverloadedError
   */
  hold(): () => void;
  /**
   * For what is no request, such as an upgrade or a frame.
   * @throws OverloadedError
   */
  assertRoom(): void;
  /** Counts what is refused for a reason that only the caller knows. */
  refuse(reason: ShedReason): OverloadedError;
};

/** Without a refusal for so long, in ms, it is over. */
const CALM_MS = 10_000;
const DETAIL = 'There is more to do than can be done right now; please try again.';

/**
 * Refuses requests while the process could only fall behind with them. `poolIsBusy` says whether too many wait for a
 * connection to the database already. A refusal costs next to nothing, so that what is left of the process's time
 * goes to the requests that it has taken on.
 */
export function createShedding(
  limits: CommonConfig['overload'],
  { log, metrics, poolIsBusy = () => false }: { log: Logger; metrics: Metrics; poolIsBusy?: () => boolean },
): Shedding {
  const eventLoop = eventLoopLoad(limits.eventLoopDelayMs);
  const refused = metrics.counter('requests_shed_total', 'Requests refused because there is too much to do.', [
    'reason',
  ]);
  let inFlight = 0;
  let calm: NodeJS.Timeout | undefined;
  metrics.observedGauge('requests_in_flight', 'Requests that have no whole response yet.', () => inFlight);

  function overload(): ShedReason | undefined {
    if (inFlight >= limits.requestsInFlight) return 'requests';
    if (eventLoop.overloaded) return 'event_loop';
    return poolIsBusy() ? 'pool' : undefined;
  }

  function refuse(reason: ShedReason): OverloadedError {
    refused.inc({ reason });
    if (calm === undefined) {
      log.warn({ reason }, 'overloaded: requests are refused');
      calm = setTimeout(() => {
        calm = undefined;
        log.info('requests are not refused any more');
      }, CALM_MS).unref();
    } else calm.refresh();
    return new OverloadedError(DETAIL);
  }

  function assertRoom(): void {
    const reason = overload();
    if (reason !== undefined) throw refuse(reason);
  }

  function hold(): () => void {
    assertRoom();
    inFlight += 1;
    let held = true;
    return () => {
      if (held) inFlight -= 1;
      held = false;
    };
  }

  return {
    part: eventLoop,
    limit(_req, res, next) {
      try {
        res.once('close', hold());
      } catch (error) {
        return sendProblem(res, toProblem(error));
      }
      next();
    },
    hold,
    assertRoom,
    refuse,
  };
}

const WINDOW_MS = 1_000;
/** In a row, so that one long pause, for the garbage collector or by the machine, does not count. */
const WINDOWS = 2;
const NS_PER_MS = 1_000_000;

export type EventLoopLoad = Part & { readonly overloaded: boolean };

/**
 * Whether the event loop is late: by more than `limitMs` on average of two windows in a row, until it is back below
 * half of that. The average is over turns of the loop, so it rises where all turns are long, not where one is.
 */
export function eventLoopLoad(limitMs: number): EventLoopLoad {
  const delays = monitorEventLoopDelay();
  let timer: NodeJS.Timeout | undefined;
  let before = { count: 0, sumNs: 0 };
  let windowsOver = 0;
  let overloaded = false;

  /** By difference: after a `reset` the histogram leaves the first turn out, which may be as long as the window. */
  function meanOfWindowMs(): number {
    const { count, mean } = delays;
    const now = { count, sumNs: count === 0 ? 0 : count * mean };
    const meanNs = (now.sumNs - before.sumNs) / (now.count - before.count);
    before = now;
    return meanNs / NS_PER_MS;
  }

  function look(): void {
    const meanMs = meanOfWindowMs();
    windowsOver = meanMs > limitMs ? windowsOver + 1 : 0;
    if (windowsOver >= WINDOWS) overloaded = true;
    else if (meanMs <= limitMs / 2) overloaded = false;
  }

  return {
    name: 'event loop load',
    start() {
      delays.enable();
      timer = setInterval(look, WINDOW_MS).unref();
    },
    stop() {
      clearInterval(timer);
      delays.disable();
    },
    get overloaded() {
      return overloaded;
    },
  };
}
