import { callerOf } from '@wave-connect/chassis/http';
import express, { Router } from 'express';
import { AVATAR_TYPES, MAX_AVATAR_BYTES } from '../domain/avatar-image.ts';
import { avatarUrl } from '../domain/avatar-url.ts';
import type { Profiles } from '../domain/profiles.ts';
import type { Profile } from '../repository/profiles.ts';

/** Routes below /api/profile. */
export function createRouter(profiles: Profiles): Router {
  const router = Router();

  router.post('/', async (req, res) => {
    const { username, bio } = req.body;
    res.status(201).json(presentProfile(await profiles.complete(callerOf(req), { username, bio })));
  });

  router.put('/', async (req, res) => {
    const { username, bio } = req.body;
    res.json(presentProfile(await profiles.replace(callerOf(req), { username, bio })));
  });

  router.delete('/', async (req, res) => {
    await profiles.clear(callerOf(req));
    res.status(204).end();
  });

  router.get('/:id', async (req, res) => {
    res.json(presentProfile(await profiles.describe(req.params.id)));
  });

  router.get('/username/:username', async (req, res) => {
    res.json(presentProfile(await profiles.describeByUsername(req.params.username)));
  });

  const image = express.raw({ type: AVATAR_TYPES, limit: MAX_AVATAR_BYTES });
  router.put('/avatar', image, async (req, res) => {
    await profiles.setAvatar(callerOf(req), req.body ?? new Uint8Array(), req.is(AVATAR_TYPES) || '');
    res.status(204).end();
  });

  router.get('/avatar/:id', async (req, res) => {
    res.set({ 'Cache-Control': 'private, no-cache', 'X-Content-Type-Options': 'nosniff' });
    res.set('ETag', quoted(await profiles.avatarEtag(req.params.id)));
    if (req.fresh) {
      res.status(304).end();
      return;
    }
    const { avatar, avatarType, avatarEtag } = await profiles.avatar(req.params.id);
    res.set('ETag', quoted(avatarEtag)).type(avatarType).send(Buffer.from(avatar));
  });

  return router;
}

const presentProfile = ({ id, username, bio, avatarEtag, timeCreated }: Profile) => ({
  id,
  username,
  bio,
  avatar_url: avatarEtag === null ? null : avatarUrl(id),
  time_created: timeCreated.toISOString(),
});

/** A strong entity tag (RFC 9110, section 8.8.3). */
const quoted = (tag: string) => `"${tag}"`;
