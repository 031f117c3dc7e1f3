import { Server, ServerCredentials, type ServerOptions, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import type { Part } from '@wave-connect/chassis/service';
import { ProfileService, packageDefinition } from '@wave-connect/contracts/profile-service.ts';
import { HealthImplementation, type ServingStatus } from 'grpc-health-check';

/** A request of a hundred ids has 3.8 kB; a response of a hundred profiles less than 20 kB. */
const MAX_REQUEST_BYTES = 16 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Calls at once on one connection; more wait at the caller. */
const MAX_CONCURRENT_CALLS = 200;
/** Callers come back by another look at DNS, which shows them replicas that are new. */
const MAX_CONNECTION_AGE_MS = 300_000;
/** A connection that has been quiet gets a keepalive ping, and has so long to respond. */
const PING_AFTER_MS = 30_000;
const PING_TIMEOUT_MS = 10_000;
/** What `stop` leaves of its time for calls that it breaks off. */
const BREAK_OFF_MS = 250;

const OPTIONS: ServerOptions = {
  'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
  'grpc.max_send_message_length': MAX_ANSWER_BYTES,
  'grpc.max_concurrent_streams': MAX_CONCURRENT_CALLS,
  'grpc.max_connection_age_ms': MAX_CONNECTION_AGE_MS,
  'grpc.keepalive_time_ms': PING_AFTER_MS,
  'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
};

/** The whole server, and the one service there is, by the name that grpc.health.v1 asks for. */
const HEALTH_NAMES = ['', ProfileService.service.GetProfiles.path.split('/')[1] ?? ''];

/**
 * gRPC over HTTP/2 without TLS: the network decides who calls, as it does for HTTP. Its health says NOT_SERVING from
 * the moment a stop begins; calls get their responses until it has ended.
 */
export function grpcServerPart(
  implementation: UntypedServiceImplementation,
  { host, port, reflection }: { host: string; port: number; reflection: boolean },
): Part {
  const server = new Server(OPTIONS);
  const health = new HealthImplementation();
  const say = (status: ServingStatus) => {
    for (const name of HEALTH_NAMES) health.setStatus(name, status);
  };
  server.addService(ProfileService.service, implementation);
  health.addToServer(server);
  if (reflection) new ReflectionService(packageDefinition).addToServer(server);

  return {
    name: 'grpc',
    async start() {
      await listen(server, host, port);
      say('SERVING');
    },
    drain: () => say('NOT_SERVING'),
    async stop(limitMs) {
      const stopped = Promise.withResolvers<void>();
      server.tryShutdown((error) => (error ? stopped.reject(error) : stopped.resolve()));
      const timer = setTimeout(() => server.forceShutdown(), Math.max((limitMs ?? 0) - BREAK_OFF_MS, 0));
      await stopped.promise.finally(() => clearTimeout(timer));
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
      if (error) reject(new Error(`cannot listen on ${address}; set GRPC_PORT to another port`, { cause: error }));
      else resolve();
    });
  });
}
