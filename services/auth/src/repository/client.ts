import { prismaAdapter } from '@wave-connect/chassis/database/prisma';
import type pg from 'pg';
import { type Prisma, PrismaClient } from '../../generated/prisma/client.ts';

export const prismaDir = new URL('../../prisma/', import.meta.url);

export const createClient = (pool: pg.Pool): PrismaClient => new PrismaClient({ adapter: prismaAdapter(pool) });

/** A transaction, or the database outside of any. */
export type Db = Prisma.TransactionClient;
