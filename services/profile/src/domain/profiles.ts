import { ConflictError, NotFoundError } from '@wave-connect/chassis/errors';
import type { Avatar, AvatarType, Changes, Profile, ProfileTable, VersionedProfile } from '../repository/profiles.ts';
import type { Store } from '../repository/store.ts';
import { readAvatar } from './avatar-image.ts';

export type Details = { username: string; bio: string };

export type Profiles = ReturnType<typeof createProfiles>;

const EMPTY = { username: null, bio: '', avatar: null, avatarType: null, avatarEtag: null };

/** What people tell of themselves. `onEvent` is called after an event has gone into the outbox. */
export function createProfiles({ store, onEvent }: { store: Store; onEvent: () => void }) {
  async function change(caller: string, work: (profiles: ProfileTable) => Promise<Profile>): Promise<Profile> {
    const profile = await store.writeAs(caller, work);
    onEvent();
    return profile;
  }

  return {
    async describe(id: string): Promise<Profile> {
      return (await store.profiles.find(id)) ?? refuse();
    },

    /** In no order; whoever has no profile is left out. */
    describeAll: (ids: string[]): Promise<VersionedProfile[]> => store.profiles.findAll(ids),

    async describeByUsername(username: string): Promise<Profile> {
      return (await store.profiles.findByUsername(username)) ?? refuse();
    },

    complete: (caller: string, details: Details): Promise<Profile> =>
      change(caller, async (profiles) => {
        const current = await lockOrCreate(profiles, caller);
        if (current?.username != null) throw new ConflictError('This profile is complete already.');
        return save(profiles, caller, details);
      }),

    replace: (caller: string, details: Details): Promise<Profile> =>
      change(caller, async (profiles) => {
        const current = await profiles.lock(caller);
        if (current?.username == null) throw new NotFoundError('This profile has not been completed yet.');
        return save(profiles, caller, details);
      }),

    /** Makes the profile what registration made it. */
    async clear(caller: string): Promise<void> {
      await change(caller, async (profiles) => {
        const current = await profiles.lock(caller);
        if (!current || isEmpty(current)) throw new NotFoundError('There is nothing in this profile to delete.');
        return save(profiles, caller, EMPTY);
      });
    },

    async setAvatar(caller: string, bytes: Uint8Array<ArrayBuffer>, declaredType: AvatarType): Promise<void> {
      const avatar = await readAvatar(bytes, declaredType);
      await change(caller, async (profiles) => {
        await lockOrCreate(profiles, caller);
        return save(profiles, caller, avatar);
      });
    },

    /** Without its bytes: what tells whether a client has the avatar already. */
    async avatarEtag(id: string): Promise<string> {
      const profile = await store.profiles.find(id);
      return profile?.avatarEtag ?? refuseAvatar();
    },

    async avatar(id: string): Promise<Avatar> {
      return (await store.profiles.findAvatar(id)) ?? refuseAvatar();
    },
  };
}

/** The event that tells of a registration may come later than the person. */
async function lockOrCreate(profiles: ProfileTable, id: string): Promise<Profile | undefined> {
  await profiles.insertEmpty(id);
  return profiles.lock(id);
}

async function save(profiles: ProfileTable, id: string, changes: Changes): Promise<Profile> {
  const profile = await profiles.update(id, changes);
  if (!profile) throw new ConflictError('This username is taken.');
  return profile;
}

const isEmpty = ({ username, avatarEtag }: Profile) => username === null && avatarEtag === null;

function refuse(): never {
  throw new NotFoundError('There is no such profile.');
}

function refuseAvatar(): never {
  throw new NotFoundError('There is no avatar.');
}
