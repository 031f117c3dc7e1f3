import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { constantSecret, type Env } from '@wave-connect/chassis/config';
import { readPrismaFolder } from '@wave-connect/chassis/database';
import { applyMigrations } from '@wave-connect/chassis/database/migrate';
import { createPostgresBus, type EventBus, TOPICS } from '@wave-connect/chassis/events';
import { createLogger } from '@wave-connect/chassis/observability';
import { testDatabases } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import pg from 'pg';
import request from 'supertest';
import { readChatConfig } from '../src/config.ts';
import { prismaDir } from '../src/repository/client.ts';
import { createChat } from '../src/service.ts';

/** Profile is away, so every id may be written to. */
const NO_PROFILE = { PROFILE_GRPC_TARGET: '127.0.0.1:1' };

const DEADLINE_MS = 20_000;
/** A durable and an ephemeral one. */
const CONSUMERS = 2;

/** A database and a bus, and the replicas of the service that share them. */
export type System = {
  databaseUrl: string;
  database: pg.Pool;
  bus: EventBus;
  startReplica(env?: Env): Promise<Replica>;
  /** Publishes `user-deleted`. */
  announceDeletion(userId: string, eventId?: string): Promise<void>;
  stop(): Promise<void>;
};

export type Replica = {
  url: string;
  /** The lines logged so far. */
  lines: Record<string, unknown>[];
  /** The sum of a metric over the label sets that hold all of `labels`. */
  metric(name: string, ...labels: string[]): Promise<number>;
  stop(): Promise<void>;
};

export async function startSystem(): Promise<System> {
  const { freshDatabase } = await testDatabases();
  const [databaseUrl, eventsUrl] = await Promise.all([freshDatabase('chat'), freshDatabase('events')]);
  await applyMigrations(databaseUrl, readPrismaFolder(prismaDir));
  const database = new pg.Pool({ connectionString: databaseUrl });
  const log = createLogger('test', 'silent');
  const bus = createPostgresBus(constantSecret(eventsUrl), { topics: TOPICS, clientId: 'test', log });
  await bus.start();
  const replicas: Replica[] = [];

  return {
    databaseUrl,
    database,
    bus,
    async startReplica(env) {
      const replica = await startReplica({ DATABASE_URL: databaseUrl, EVENTS_URL: eventsUrl, ...env });
      replicas.push(replica);
      return replica;
    },
    announceDeletion: (userId, eventId = randomUUID()) =>
      bus.publish([
        {
          id: eventId,
          type: 'user-deleted',
          source: '/auth',
          time: new Date().toISOString(),
          key: userId,
          sequence: '1',
          data: { user_id: userId },
        },
      ]),
    async stop() {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await bus.stop();
      await database.end();
    },
  };
}

async function startReplica(env: Env): Promise<Replica> {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('chat', 'debug', collect(lines));
  const given = { PORT: '0', METRICS_PORT: '0', INSTANCE_ID: randomUUID(), RATE_LIMIT: 'off', ...NO_PROFILE, ...env };
  const config = readChatConfig(given);
  const chat = createChat(config, { log, validateResponses: true });
  await chat.start();
  const consumers = () => lines.filter(({ msg }) => msg === 'consuming').length;
  await eventually('the replica to be ready', async () => (await fetch(`${chat.url}/readyz`)).ok);
  await eventually('the replica to consume', () => consumers() === CONSUMERS);
  return {
    url: chat.url,
    lines,
    metric: async (name, ...labels) => readMetric(`${chat.metricsUrl}/metrics`, name, labels),
    stop: () => chat.stop(),
  };
}

const collect = (lines: Record<string, unknown>[]) =>
  new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line));
      done();
    },
  });

async function readMetric(url: string, name: string, labels: string[]): Promise<number> {
  const text = await (await fetch(url)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

export const eventually = (what: string, ask: () => boolean | Promise<boolean>): Promise<void> =>
  waitFor(what, ask, { deadlineMs: DEADLINE_MS, everyMs: 10 });

/** Requests of one person, who is known by the header that the gateway sets. */
export const as = (replica: Replica, userId: string) => request.agent(replica.url).set('X-User-ID', userId);

export type Agent = ReturnType<typeof as>;

export type Message = { id: string; text: string; sender: string; receiver: string; time_sent: string };
export type Conversation = { peer_id: string; last_message: Message; unread_count: number };

export async function send(from: Agent, receiver: string, text = 'hello'): Promise<Message> {
  const { body } = await from.post('/api/chat/').send({ receiver, text }).expect(201);
  return body;
}

export async function conversations(of: Agent): Promise<Conversation[]> {
  const { body } = await of.get('/api/chat/conversation').expect(200);
  return body.items;
}

/** All that two people have exchanged, newest first, read page by page. */
export async function history(of: Agent, peer: string, query: Record<string, string> = {}): Promise<Message[]> {
  const items: Message[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = { limit: '7', ...query, ...(cursor && { cursor }) };
    const { body } = await of.get(`/api/chat/conversation/${peer}`).query(page).expect(200);
    items.push(...body.items);
    cursor = body.next_cursor;
  }
  return items;
}

export const ids = (items: { id: string }[]) => items.map(({ id }) => id);

export function assertProblem(body: Record<string, unknown>, status: number, code: string): void {
  assert.equal(body.status, status);
  assert.equal(body.type, `/problems/${code}`);
  assert.match(String(body.request_id), /^[\w.-]+$/);
}
