import { createServiceApp } from '@wave-connect/chassis/http/app';
import { createBase, type Overrides, type Service } from '@wave-connect/chassis/service/base';
import { createProfileRouter } from './api/router.ts';
import type { ProfileConfig } from './config.ts';
import { createAvatarImages } from './domain/avatar-image.ts';
import { createProfiles } from './domain/profiles.ts';
import { onUserDeleted } from './events/user-deleted.ts';
import { onUserRegistered } from './events/user-registered.ts';
import { callDurations } from './grpc/call-durations.ts';
import { profileService } from './grpc/profile-service.ts';
import { grpcServerPart } from './grpc/server.ts';
import { prismaDir } from './repository/client.ts';
import { createStore } from './repository/store.ts';

export function createProfile(config: ProfileConfig, overrides: Overrides = {}): Service {
  const base = createBase('profile', config, prismaDir, overrides);
  const store = createStore(base.pool, base.outbox);
  const images = createAvatarImages(config.avatars, () => base.shedding.refuse('images'));
  const profiles = createProfiles(store, images, config.limits);

  base.consume({
    'user-registered': onUserRegistered(store),
    'user-deleted': onUserDeleted(store),
  });
  const calls = profileService(profiles, { ...base, durations: callDurations(base.metrics) });
  return base.serve(createServiceApp({ ...base, ...createProfileRouter(profiles) }), {
    parts: [grpcServerPart(calls, { host: config.host, ...config.grpc })],
  });
}
