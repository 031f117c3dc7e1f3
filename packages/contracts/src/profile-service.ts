import { fileURLToPath } from 'node:url';
import { type GrpcObject, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProtoGrpcType } from '../generated/proto/profile.ts';

export type { Profile, Profile__Output as FoundProfile } from '../generated/proto/waveconnect/profile/v1/Profile.ts';
export type {
  ProfileServiceClient,
  ProfileServiceHandlers,
} from '../generated/proto/waveconnect/profile/v1/ProfileService.ts';

/** Ids of one request at most. */
export const MAX_IDS = 100;

/** Read at run time; only its types are generated, with the same options. */
export const packageDefinition = loadSync('waveconnect/profile/v1/profile.proto', {
  includeDirs: [fileURLToPath(new URL('../proto/', import.meta.url))],
  longs: String,
  defaults: true,
  oneofs: true,
});

/** Its constructor is the client's, its `service` what a server adds. */
export const { ProfileService } = (loadPackageDefinition(packageDefinition) as GrpcObject & ProtoGrpcType).waveconnect
  .profile.v1;
