import { isUniqueViolation } from '@wave-connect/chassis/database/prisma';
import type { Db } from './client.ts';

export type User = { id: string; email: string; timeCreated: Date };
export type Credentials = { id: string; passwordHash: string };

const SHOWN = { id: true, email: true, timeCreated: true } as const;

export const usersIn = (db: Db) => ({
  /** Undefined, and the transaction is lost, where the email is taken. */
  async insert(user: { email: string; passwordHash: string }): Promise<User | undefined> {
    try {
      return await db.user.create({ data: user, select: SHOWN });
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  },

  findById: (id: string): Promise<User | null> => db.user.findUnique({ where: { id }, select: SHOWN }),

  findCredentials: (email: string): Promise<Credentials | null> =>
    db.user.findUnique({ where: { email }, select: { id: true, passwordHash: true } }),

  /** False, and nothing changes, where the password has been changed meanwhile. */
  async replaceHash({ id, passwordHash }: Credentials, renewed: string): Promise<boolean> {
    const { count } = await db.user.updateMany({ where: { id, passwordHash }, data: { passwordHash: renewed } });
    return count === 1;
  },

  /** The cost of the costliest bcrypt hash, undefined where there is none. */
  async costliestHash(): Promise<number | undefined> {
    const [row] = await db.$queryRaw<{ cost: string | null }[]>`
      SELECT max(substring(password_hash FROM 5 FOR 2)) AS cost FROM users`;
    return row?.cost ? Number(row.cost) : undefined;
  },

  /** False where there is no such user. */
  async delete(id: string): Promise<boolean> {
    const { count } = await db.user.deleteMany({ where: { id } });
    return count === 1;
  },
});
