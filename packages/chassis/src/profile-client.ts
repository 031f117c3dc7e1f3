import { type ChannelOptions, credentials, Metadata } from '@grpc/grpc-js';
import { type FoundProfile, ProfileService } from '@wave-connect/contracts/profile-service.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import type { Logger } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import { requestId } from './observability/request-context.ts';

export type ProfilesConfig = {
  /** Where the profile service serves gRPC, by gRPC's own naming: github.com/grpc/grpc/blob/master/doc/naming.md. */
  target: string;
  /** Time in ms that a call waits at most. */
  deadlineMs: number;
};

export type ProfileClient = {
  /** The profiles of these people, at most MAX_IDS at once; undefined where profile does not respond in time. */
  find(ids: string[]): Promise<FoundProfile[] | undefined>;
  close(): void;
};

const FAILURES = 5;
const RESET_MS = 5_000;

/** A profile service that comes back is found again in so long, in ms, at most. */
const MAX_RECONNECT_PAUSE_MS = 2_000;
const MIN_DNS_PAUSE_MS = 5_000;
/** A connection with calls that has been silent gets a keepalive ping, and has so long to respond. */
const PING_AFTER_MS = 10_000;
const PING_TIMEOUT_MS = 2_000;

const CHANNEL: ChannelOptions = {
  // Calls go to each replica in turn; with one connection alone they would all stay with one.
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  // DNS is not asked for another one: where a resolver does not respond, the process could not end.
  'grpc.service_config_disable_resolution': 1,
  'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_PAUSE_MS,
  'grpc.dns_min_time_between_resolutions_ms': MIN_DNS_PAUSE_MS,
  'grpc.keepalive_time_ms': PING_AFTER_MS,
  'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
};

/** Asks the profile service about people. While it does not respond, a circuit breaker keeps calls from it. */
export function createProfileClient(
  { target, deadlineMs }: ProfilesConfig,
  { log, metrics }: { log: Logger; metrics: Metrics },
): ProfileClient {
  const client = new ProfileService(target, credentials.createInsecure(), CHANNEL);
  const calls = metrics.counter('profile_lookups_total', 'Calls that ask the profile service about people.', [
    'outcome',
  ]);
  const breaker = createCircuitBreaker({ failures: FAILURES, resetMs: RESET_MS }, (state) => {
    if (state === 'open') log.warn('the circuit breaker of profile is open: it is not asked about people');
    else log.info('the circuit breaker of profile is closed again');
  });

  function call(ids: string[]): Promise<FoundProfile[]> {
    const metadata = new Metadata();
    metadata.set('x-request-id', requestId() ?? '');
    return new Promise((resolve, reject) => {
      client.getProfiles({ ids }, metadata, { deadline: Date.now() + deadlineMs }, (error, response) => {
        if (error) reject(error);
        else resolve(response?.profiles ?? []);
      });
    });
  }

  return {
    async find(ids) {
      if (!breaker.tryAcquire()) {
        calls.inc({ outcome: 'not_asked' });
        return undefined;
      }
      try {
        const found = await call(ids);
        breaker.succeeded();
        calls.inc({ outcome: 'responded' });
        return found;
      } catch (error) {
        breaker.failed();
        calls.inc({ outcome: 'failed' });
        log.debug({ err: error }, 'the profile service did not respond');
        return undefined;
      }
    },
    close: () => client.close(),
  };
}
