import { randomUUID } from 'node:crypto';
import type { Env } from '@wave-connect/chassis/config';
import { startTestService, type TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { readProfileConfig } from '../src/config.ts';
import { prismaDir } from '../src/repository/client.ts';
import { createProfile } from '../src/service.ts';

export const startProfile = (env: Env = {}): Promise<TestService> =>
  startTestService({
    name: 'profile',
    prismaDir,
    readConfig: readProfileConfig,
    create: createProfile,
    env: { GRPC_PORT: '0', ...env },
  });

/** Requests of one person, who is known by the header that the gateway sets. */
export const as = (service: TestService, userId: string) => request.agent(service.url).set('X-User-ID', userId);

export type Agent = ReturnType<typeof as>;

/** A username that nobody has yet. */
export const someUsername = () => `u_${randomUUID().replaceAll('-', '').slice(0, 20)}`;

export const userEvent = (type: 'user-registered' | 'user-deleted', userId: string) => ({
  type,
  key: userId,
  data: { user_id: userId },
});

/** The smallest images of their types. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
export const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==',
  'base64',
);
export const WEBP = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64');
export const GIF = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAACADs=', 'base64');

/** A PNG of so many bytes. */
export const pngOf = (bytes: number) => Buffer.concat([PNG, Buffer.alloc(bytes - PNG.length)]);
