import { isUniqueViolation } from '@wave-connect/chassis/database/prisma';
import { Prisma } from '../../generated/prisma/client.ts';
import type { Db } from './client.ts';

export type Profile = {
  id: string;
  username: string | null;
  bio: string;
  /** Null without an avatar. */
  avatarEtag: string | null;
  timeCreated: Date;
};
/** With the sequence of the newest event that tells of it. */
export type VersionedProfile = Profile & { version: bigint };
export type Avatar = { avatar: Uint8Array<ArrayBuffer>; avatarType: string; avatarEtag: string };
export type Changes = Partial<Pick<Profile, 'username' | 'bio'> & (Avatar | { [part in keyof Avatar]: null })>;

export type ProfileTable = ReturnType<typeof profilesIn>;

const SHOWN = { id: true, username: true, bio: true, avatarEtag: true, timeCreated: true } as const;
const AVATAR = { avatar: true, avatarType: true, avatarEtag: true } as const;
const SHOWN_SQL = Prisma.sql`id, username, bio, avatar_etag AS "avatarEtag", time_created AS "timeCreated"`;

/** Oldest first. */
const RECENT_AVATAR_CHANGES = Prisma.sql`ARRAY(
  SELECT at FROM unnest(avatar_changes) AS at WHERE at > now() - interval '1 hour' ORDER BY at)`;

export const profilesIn = (db: Db) => ({
  find: (id: string): Promise<Profile | null> => db.profile.findUnique({ where: { id }, select: SHOWN }),

  findAll: (ids: string[]): Promise<VersionedProfile[]> =>
    db.profile.findMany({ where: { id: { in: ids } }, select: { ...SHOWN, version: true } }),

  /** Compares without case, by the index that keeps usernames unique. */
  async findByUsername(username: string): Promise<Profile | undefined> {
    const rows = await db.$queryRaw<Profile[]>`
      SELECT ${SHOWN_SQL} FROM profiles WHERE lower(username) = lower(${username})`;
    return rows[0];
  },

  /** The avatar, or null where there is none. */
  async findAvatar(id: string): Promise<Avatar | null> {
    const row = await db.profile.findUnique({ where: { id }, select: AVATAR });
    const { avatar, avatarType, avatarEtag } = row ?? {};
    return avatar && avatarType && avatarEtag ? { avatar, avatarType, avatarEtag } : null;
  },

  /** The profile, which no other transaction changes until the end of the transaction. */
  async lock(id: string): Promise<Profile | undefined> {
    const rows = await db.$queryRaw<Profile[]>`SELECT ${SHOWN_SQL} FROM profiles WHERE id = ${id}::uuid FOR UPDATE`;
    return rows[0];
  },

  /** False where there is a profile already. */
  async insertEmpty(id: string): Promise<boolean> {
    const { count } = await db.profile.createMany({ data: { id }, skipDuplicates: true });
    return count === 1;
  },

  /** Changes a locked profile. Undefined, and the transaction is lost, where the username is another's. */
  async update(id: string, changes: Changes): Promise<Profile | undefined> {
    try {
      return await db.profile.update({ where: { id }, data: changes, select: SHOWN });
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  },

  /** `version` is the sequence of the event that tells of the locked profile's state. */
  async setVersion(id: string, version: bigint): Promise<void> {
    await db.profile.update({ where: { id }, data: { version }, select: { id: true } });
  },

  /** In how many seconds the person may change their avatar once more, with so many changes in an hour; 0 for at once. */
  async avatarChangeWaitS(id: string, changesPerHour: number): Promise<number> {
    const rows = await db.$queryRaw<{ wait: number }[]>`
      SELECT ceil(extract(epoch FROM changed[cardinality(changed) - ${changesPerHour}::int + 1] + interval '1 hour' - now()))::int
             AS wait
        FROM profiles, LATERAL (SELECT ${RECENT_AVATAR_CHANGES} AS changed) AS recent
       WHERE id = ${id}::uuid AND cardinality(changed) >= ${changesPerHour}::int`;
    return Math.max(0, rows[0]?.wait ?? 0);
  },

  /** Remembers that the avatar of the locked profile changes now, and forgets changes of more than an hour ago. */
  async noteAvatarChange(id: string): Promise<void> {
    await db.$executeRaw`
      UPDATE profiles SET avatar_changes = ${RECENT_AVATAR_CHANGES} || now() WHERE id = ${id}::uuid`;
  },

  async delete(id: string): Promise<void> {
    await db.profile.deleteMany({ where: { id } });
  },
});
