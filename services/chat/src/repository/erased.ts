import { Prisma } from '../../generated/prisma/client.ts';

/** That the messages of neither are being deleted. Such people are few, and mostly none. */
export const neitherErased = (one: string, other: string): Prisma.Sql =>
  Prisma.raw([one, other].map((column) => `${column} <> ALL (ARRAY(SELECT user_id FROM erasures))`).join(' AND '));
