import { prismaAdapter } from '@wave-connect/chassis/database/prisma';
import type pg from 'pg';
import { PrismaClient } from '../../generated/prisma/client.ts';

export const prismaDir = new URL('../../prisma/', import.meta.url);

export const createClient = (pool: pg.Pool): PrismaClient => new PrismaClient({ adapter: prismaAdapter(pool) });
