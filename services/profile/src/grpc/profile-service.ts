import { InvalidError } from '@wave-connect/chassis/errors';
import { UUID } from '@wave-connect/chassis/http/app';
import { MAX_IDS, type Profile, type ProfileServiceHandlers } from '@wave-connect/contracts/profile-service.ts';
import { avatarUrl } from '../domain/avatar-url.ts';
import type { Profiles } from '../domain/profiles.ts';
import type { VersionedProfile } from '../repository/profiles.ts';
import { type UnaryOptions, unary } from './unary.ts';

/** The calls of profile.proto. */
export const profileService = (profiles: Profiles, options: UnaryOptions): ProfileServiceHandlers => ({
  GetProfiles: unary(
    async ({ ids }) => ({ profiles: (await profiles.describeAll(checked(ids))).map(presentProfile) }),
    options,
  ),
});

function checked(ids: string[]): string[] {
  if (ids.length === 0 || ids.length > MAX_IDS) throw new InvalidError(`ids must be 1 to ${MAX_IDS}.`);
  if (!ids.every((id) => UUID.test(id))) throw new InvalidError('ids must be UUIDs.');
  return ids;
}

const presentProfile = ({ id, username, avatarEtag, version }: VersionedProfile): Profile => ({
  id,
  version: String(version),
  ...(username !== null && { username }),
  ...(avatarEtag !== null && { avatarUrl: avatarUrl(id) }),
});
