import { randomUUID } from 'node:crypto';
import { startTestService, type TestService } from '@wave-connect/dev-env/testing';
import { readAuthConfig } from '../src/config.ts';
import { prismaDir } from '../src/repository/client.ts';
import { createAuth } from '../src/service.ts';

export const SECRET = 'a secret of at least thirty-two bytes';
export const PASSWORD = 'correct horse battery';

/** bcrypt at its cheapest, for tests are not about its cost. */
export const startAuth = (env: Record<string, string> = {}): Promise<TestService> =>
  startTestService({
    name: 'auth',
    prismaDir,
    readConfig: readAuthConfig,
    create: createAuth,
    env: { JWT_SECRET: SECRET, BCRYPT_COST: '4', ...env },
  });

export const anEmail = () => `${randomUUID()}@example.com`;
