import { createRouter, type ServiceRoutes } from '@wave-connect/chassis/http/app';
import type * as contract from '@wave-connect/contracts/operations.ts';
import { MAX_AVATAR_BYTES } from '../domain/avatar-image.ts';
import { avatarUrl } from '../domain/avatar-url.ts';
import type { Profiles } from '../domain/profiles.ts';
import type { Profile } from '../repository/profiles.ts';

export const createProfileRouter = (profiles: Profiles): ServiceRoutes =>
  createRouter(
    'profile',
    {
      async createProfile({ caller, body: { username, bio } }) {
        return { status: 201, body: presentProfile(await profiles.complete(caller, { username, bio })) };
      },

      async updateProfile({ caller, body: { username, bio } }) {
        return { status: 200, body: presentProfile(await profiles.replace(caller, { username, bio })) };
      },

      async deleteProfile({ caller }) {
        await profiles.clear(caller);
        return { status: 204 };
      },

      async getProfile({ params }) {
        return { status: 200, body: presentProfile(await profiles.describe(params.id)) };
      },

      async getProfileByUsername({ params }) {
        return { status: 200, body: presentProfile(await profiles.describeByUsername(params.username)) };
      },

      async setAvatar({ caller, body, contentType }) {
        await profiles.setAvatar(caller, body, contentType);
        return { status: 204 };
      },

      async getAvatar({ params, isFresh }) {
        const etag = quoted(await profiles.avatarEtag(params.id));
        if (isFresh(etag)) return { status: 304, headers: { ...AVATAR_HEADERS, ETag: etag } };
        const { avatar, avatarEtag } = await profiles.avatar(params.id);
        return {
          status: 200,
          headers: { ...AVATAR_HEADERS, ETag: quoted(avatarEtag) },
          contentType: 'image/webp',
          body: avatar,
        };
      },
    },
    { maxBytes: MAX_AVATAR_BYTES },
  );

const AVATAR_HEADERS = { 'Cache-Control': 'private, no-cache', 'X-Content-Type-Options': 'nosniff' } as const;

const presentProfile = ({ id, username, bio, avatarEtag, timeCreated }: Profile): contract.Profile => ({
  id,
  username,
  bio,
  avatar_url: avatarEtag === null ? null : avatarUrl(id),
  time_created: timeCreated.toISOString(),
});

/** A strong entity tag (RFC 9110, section 8.8.3). */
const quoted = (tag: string) => `"${tag}"`;
