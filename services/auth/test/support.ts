import { randomUUID } from 'node:crypto';
import { createLogger } from '@wave-connect/chassis/observability';
import type { Service } from '@wave-connect/chassis/service/base';
import { startTestService, type TestService, testDatabases } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { readAuthConfig } from '../src/config.ts';
import { prismaDir } from '../src/repository/client.ts';
import { createAuth } from '../src/service.ts';

export const SECRET = 'a secret of at least thirty-two bytes';
export const PASSWORD = 'correct horse battery';

/** bcrypt at its cheapest, for tests are not about its cost. Log lines go to `lines` where they are given. */
export const startAuth = (env: Record<string, string> = {}, lines?: Record<string, unknown>[]): Promise<TestService> =>
  startTestService({
    name: 'auth',
    prismaDir,
    readConfig: readAuthConfig,
    create: (config, overrides) =>
      createAuth(config, lines ? { ...overrides, log: createLogger('auth', 'debug', into(lines)) } : overrides),
    env: { JWT_SECRET: SECRET, BCRYPT_COST: '4', ...env },
  });

/** Another process of auth on the database of the first. */
export async function startReplica(first: TestService, env: Record<string, string> = {}): Promise<Service> {
  const { freshDatabase } = await testDatabases();
  const config = readAuthConfig({
    PORT: '0',
    METRICS_PORT: '0',
    JWT_SECRET: SECRET,
    BCRYPT_COST: '4',
    DATABASE_URL: first.databaseUrl,
    EVENTS_URL: await freshDatabase('events'),
    ...env,
  });
  const replica = createAuth(config, { log: createLogger('test', 'silent'), validateResponses: true });
  await replica.start();
  return replica;
}

/** What signing in and refreshing respond with. */
export type Tokens = {
  token: string;
  expires_in: number;
  refresh_token: string;
  refresh_expires_in: number;
  session_id: string;
};

/** A new account that has signed in. */
export async function aSession({ url }: { url: string }): Promise<Tokens & { email: string; userId: string }> {
  const email = anEmail();
  const { body: account } = await request(url).post('/api/auth/register').send({ email, password: PASSWORD });
  return { ...(await signIn({ url }, email)), email, userId: account.id };
}

export async function signIn({ url }: { url: string }, email: string): Promise<Tokens> {
  const { body } = await request(url).post('/api/auth/login').send({ email, password: PASSWORD }).expect(202);
  return body;
}

export const refresh = ({ url }: { url: string }, refreshToken: string) =>
  request(url).post('/api/auth/session/refresh').send({ refresh_token: refreshToken });
const into = (lines: Record<string, unknown>[]) => ({ write: (line: string) => void lines.push(JSON.parse(line)) });

export const anEmail = () => `${randomUUID()}@example.com`;
