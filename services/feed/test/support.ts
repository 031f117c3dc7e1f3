import type { Env } from '@wave-connect/chassis/config';
import { startTestService, type TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { readFeedConfig } from '../src/config.ts';
import { prismaDir } from '../src/repository/client.ts';
import { createFeed } from '../src/service.ts';

/** Where no profile service responds. */
const NOBODY = '127.0.0.1:1';

export const startFeed = (env: Env = {}, databaseVia?: (url: string) => Promise<string>): Promise<TestService> =>
  startTestService({
    name: 'feed',
    prismaDir,
    readConfig: readFeedConfig,
    create: createFeed,
    env: { PROFILE_GRPC_TARGET: NOBODY, ...env },
    databaseVia,
  });

/** Requests of one person, who is known by the header that the gateway sets. */
export const as = (service: TestService, userId: string) => request.agent(service.url).set('X-User-ID', userId);

export type Agent = ReturnType<typeof as>;

export async function publish(agent: Agent, text = 'hello'): Promise<string> {
  const { body } = await agent.post('/api/feed/').send({ text }).expect(201);
  return body.id;
}

export async function comment(agent: Agent, pubId: string, text = 'well said'): Promise<string> {
  const { body } = await agent.post(`/api/feed/${pubId}/comment/`).send({ text }).expect(201);
  return body.id;
}

export async function commentCount(agent: Agent, pubId: string): Promise<number> {
  const { body } = await agent.get(`/api/feed/${pubId}`).expect(200);
  return body.comment_count;
}
