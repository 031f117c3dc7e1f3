import { isUniqueViolation } from '@wave-connect/chassis/database/prisma';
import { appendToOutbox } from '@wave-connect/chassis/events';
import type { PrismaClient } from '../../generated/prisma/client.ts';

export type User = { id: string; email: string; timeCreated: Date };
export type Credentials = { id: string; passwordHash: string };

export type Users = ReturnType<typeof createUsers>;

export function createUsers(prisma: PrismaClient) {
  const shown = { id: true, email: true, timeCreated: true } as const;
  return {
    /** Stores the user and their `user-registered`; undefined where the email is taken. */
    async insert(user: { email: string; passwordHash: string }): Promise<User | undefined> {
      try {
        return await prisma.$transaction(async (tx) => {
          const created = await tx.user.create({ data: user, select: shown });
          await appendToOutbox(tx, {
            type: 'user-registered',
            aggregateType: 'user',
            aggregateId: created.id,
            payload: { user_id: created.id },
          });
          return created;
        });
      } catch (error) {
        if (isUniqueViolation(error)) return undefined;
        throw error;
      }
    },

    findById: (id: string): Promise<User | null> => prisma.user.findUnique({ where: { id }, select: shown }),

    findCredentials: (email: string): Promise<Credentials | null> =>
      prisma.user.findUnique({ where: { email }, select: { id: true, passwordHash: true } }),

    /** Deletes the user and stores `user-deleted`; false where there is no such user. */
    delete: (id: string): Promise<boolean> =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.user.deleteMany({ where: { id } });
        if (count === 0) return false;
        await appendToOutbox(tx, {
          type: 'user-deleted',
          aggregateType: 'user',
          aggregateId: id,
          payload: { user_id: id },
        });
        return true;
      }),
  };
}
