import { ConflictError, NotFoundError, TooManyRequestsError } from '@wave-connect/chassis/errors';
import type { Avatar, Changes, Profile, ProfileTable, VersionedProfile } from '../repository/profiles.ts';
import type { Store, Tables } from '../repository/store.ts';
import { type AvatarImages, avatarEtagOf, isMadeHere } from './avatar-image.ts';

export type Details = { username: string; bio: string };

export type Profiles = ReturnType<typeof createProfiles>;

const NO_AVATAR = { avatar: null, avatarType: null, avatarEtag: null };
const EMPTY = { username: null, bio: '', ...NO_AVATAR };

export type ProfileLimits = { avatarChangesPerHour: number };

/** What people tell of themselves. */
export function createProfiles(store: Store, images: AvatarImages, { avatarChangesPerHour }: ProfileLimits) {
  const renewals = new Map<string, Promise<void>>();

  async function assertMayChangeAvatar(profiles: ProfileTable, id: string): Promise<void> {
    const waitS = await profiles.avatarChangeWaitS(id, avatarChangesPerHour);
    if (waitS > 0) throw new TooManyRequestsError('This avatar has changed too often; please try again later.', waitS);
  }

  /** Puts the avatar made of an image in place of the image as it was sent; one that is no image goes. */
  async function renewAvatar(id: string): Promise<void> {
    const sent = await store.profiles.findAvatar(id);
    if (!sent || isMadeHere(sent.avatarEtag)) return;
    const made = await images.renew(sent.avatar);
    await store.transaction(async (tables) => {
      const current = await tables.profiles.lock(id);
      if (current?.avatarEtag === sent.avatarEtag) await save(tables, id, made ?? NO_AVATAR);
    });
  }

  /** All who ask for one avatar share a renewal. */
  function renewAvatarOnce(id: string): Promise<void> {
    const renewal = renewals.get(id) ?? renewAvatar(id).finally(() => renewals.delete(id));
    renewals.set(id, renewal);
    return renewal;
  }

  return {
    async describe(id: string): Promise<Profile> {
      return (await store.profiles.find(id)) ?? refuse();
    },

    /** In no order; ids without a profile are left out. */
    describeAll: (ids: string[]): Promise<VersionedProfile[]> => store.profiles.findAll(ids),

    async describeByUsername(username: string): Promise<Profile> {
      return (await store.profiles.findByUsername(username)) ?? refuse();
    },

    complete: (caller: string, details: Details): Promise<Profile> =>
      store.writeAs(caller, async (tables) => {
        const current = await lockOrCreate(tables.profiles, caller);
        if (current?.username != null) throw new ConflictError('This profile is complete already.');
        return save(tables, caller, details);
      }),

    replace: (caller: string, details: Details): Promise<Profile> =>
      store.writeAs(caller, async (tables) => {
        const current = await tables.profiles.lock(caller);
        if (current?.username == null) throw new NotFoundError('This profile has not been completed yet.');
        return save(tables, caller, details);
      }),

    /** Makes the profile what registration made it. */
    async clear(caller: string): Promise<void> {
      await store.writeAs(caller, async (tables) => {
        const current = await tables.profiles.lock(caller);
        if (!current || isEmpty(current)) throw new NotFoundError('There is nothing in this profile to delete.');
        return save(tables, caller, EMPTY);
      });
    },

    async setAvatar(caller: string, bytes: Uint8Array<ArrayBuffer>, declaredType: string): Promise<void> {
      const before = await store.profiles.find(caller);
      if (before?.avatarEtag !== avatarEtagOf(bytes)) await assertMayChangeAvatar(store.profiles, caller);
      const avatar = await images.read(bytes, declaredType);
      await store.writeAs(caller, async (tables) => {
        const current = await lockOrCreate(tables.profiles, caller);
        if (current?.avatarEtag === avatar.avatarEtag) return;
        await assertMayChangeAvatar(tables.profiles, caller);
        await tables.profiles.noteAvatarChange(caller);
        await save(tables, caller, avatar);
      });
    },

    /** Without its bytes: what tells whether a client has the avatar already. */
    async avatarEtag(id: string): Promise<string> {
      const { avatarEtag } = (await store.profiles.find(id)) ?? refuseAvatar();
      if (avatarEtag === null || isMadeHere(avatarEtag)) return avatarEtag ?? refuseAvatar();
      await renewAvatarOnce(id);
      return (await store.profiles.find(id))?.avatarEtag ?? refuseAvatar();
    },

    async avatar(id: string): Promise<Avatar> {
      const found = (await store.profiles.findAvatar(id)) ?? refuseAvatar();
      if (isMadeHere(found.avatarEtag)) return found;
      await renewAvatarOnce(id);
      return (await store.profiles.findAvatar(id)) ?? refuseAvatar();
    },
  };
}

/** The event that tells of a registration may come later than the person. */
async function lockOrCreate(profiles: ProfileTable, id: string): Promise<Profile | undefined> {
  await profiles.insertEmpty(id);
  return profiles.lock(id);
}

/** Gives a person the profile of a registration, unless they have been quicker and completed one. */
export async function register(tables: Tables, id: string): Promise<void> {
  if (await tables.profiles.insertEmpty(id)) await save(tables, id, {});
}

/** Changes a locked profile and publishes its state; the lock puts these events in the order of the commits. */
async function save(tables: Tables, id: string, changes: Changes): Promise<Profile> {
  const saved = await tables.profiles.update(id, changes);
  if (!saved) throw new ConflictError('This username is taken.');
  const version = await publish(tables, saved);
  await tables.profiles.setVersion(id, version);
  return saved;
}

const publish = ({ outbox }: Tables, { id, username, bio, avatarEtag }: Profile): Promise<bigint> =>
  outbox.append('profile-updates', {
    aggregateType: 'profile',
    aggregateId: id,
    payload: {
      user_id: id,
      username,
      bio,
      avatar_etag: avatarEtag,
      // Consumers of the version before ask only whether there is one.
      avatar: avatarEtag === null ? null : '',
    },
  });

const isEmpty = ({ username, avatarEtag }: Profile) => username === null && avatarEtag === null;

function refuse(): never {
  throw new NotFoundError('There is no such profile.');
}

function refuseAvatar(): never {
  throw new NotFoundError('There is no avatar.');
}
