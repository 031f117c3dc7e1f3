import { type ChannelOptions, credentials, Metadata } from '@grpc/grpc-js';
import { requestId } from '@wave-connect/chassis/observability';
import { type FoundProfile, ProfileService } from '@wave-connect/contracts/profile-service.ts';
import type { ProfilesConfig } from '../config.ts';
import type { VersionedAuthor } from '../repository/authors.ts';

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

/** Asks the profile service about people, at most MAX_IDS at once. */
export function createProfileClient({ target, deadlineMs }: ProfilesConfig) {
  const client = new ProfileService(target, credentials.createInsecure(), CHANNEL);

  return {
    /** @throws where there is no response within the deadline */
    authors(ids: string[]): Promise<VersionedAuthor[]> {
      const metadata = new Metadata();
      metadata.set('x-request-id', requestId() ?? '');
      return new Promise((resolve, reject) => {
        client.getProfiles({ ids }, metadata, { deadline: Date.now() + deadlineMs }, (error, response) => {
          if (error) reject(error);
          else resolve((response?.profiles ?? []).map(toAuthor));
        });
      });
    },
    close: () => client.close(),
  };
}

const toAuthor = ({ id, username, avatarUrl, version }: FoundProfile): VersionedAuthor => ({
  userId: id,
  username: username ?? null,
  avatarUrl: avatarUrl ?? null,
  version: BigInt(version),
});
