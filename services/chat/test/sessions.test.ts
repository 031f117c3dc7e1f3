import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { RevocationPage } from '@wave-connect/chassis/revocations';
import { type WebSocket as Socket, WebSocket } from 'ws';
import { type Replica, type System, startSystem } from './support.ts';

const SESSION_ENDED = 4401;
const WITHIN_MS = 2_000;

let system: System;
let replicas: Replica[];
/** What auth tells of its revocations. */
let revoked: RevocationPage['revocations'] = [];
const auth = createServer((_req, res) => {
  const page: RevocationPage = { revocations: revoked, position: '0.0', more: false };
  res.setHeader('Content-Type', 'application/json').end(JSON.stringify(page));
});

before(async () => {
  auth.listen(0, '127.0.0.1');
  await once(auth, 'listening');
  const AUTH_SERVICE_URL = `http://127.0.0.1:${(auth.address() as AddressInfo).port}`;
  system = await startSystem();
  replicas = await Promise.all([system.startReplica({ AUTH_SERVICE_URL }), system.startReplica({ AUTH_SERVICE_URL })]);
});
after(async () => {
  await system.stop();
  auth.close();
  auth.closeAllConnections();
});
beforeEach(() => {
  revoked = [];
});

type Owner = { userId: string; sessionId?: string };

async function connect({ url }: Replica, { userId, sessionId }: Owner): Promise<Socket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/chat/ws`, {
    headers: { 'X-User-ID': userId, ...(sessionId && { 'X-Session-ID': sessionId }) },
  });
  await once(socket, 'open');
  return socket;
}

const closeOf = async (socket: Socket) => (await once(socket, 'close'))[0] as number;

/** A socket of the session, of another session of the person, and of one from before sessions, on each replica. */
async function socketsOf({ userId, sessionId }: Required<Owner>) {
  const owners: Owner[] = [{ userId, sessionId }, { userId, sessionId: randomUUID() }, { userId }];
  const open = owners.map((owner) => Promise.all(replicas.map((replica) => connect(replica, owner))));
  const [own = [], other = [], nameless = []] = await Promise.all(open);
  return { own, others: [...other, ...nameless] };
}

const anOwner = () => ({ userId: randomUUID(), sessionId: randomUUID() });

async function assertClosed(sockets: Socket[], change: () => unknown): Promise<void> {
  const closed = Promise.all(sockets.map(closeOf));
  const began = performance.now();
  await change();
  assert.deepEqual(new Set(await closed), new Set([SESSION_ENDED]));
  const ms = performance.now() - began;
  assert.ok(ms < WITHIN_MS, `closed after ${ms} ms`);
}

test('session-revoked closes the sockets of the session on every replica with 4401, and no others', async () => {
  const owner = anOwner();
  const { own, others } = await socketsOf(owner);
  await assertClosed(own, () =>
    system.bus.publish([
      {
        id: randomUUID(),
        type: 'session-revoked',
        source: '/auth',
        time: new Date().toISOString(),
        key: owner.userId,
        sequence: '1',
        data: { user_id: owner.userId, session_id: owner.sessionId },
      },
    ]),
  );
  for (const socket of others) {
    assert.equal(socket.readyState, socket.OPEN);
    socket.terminate();
  }
});

test('without an event they close as well, for auth tells of it; and no socket of that session opens any more', async () => {
  const owner = anOwner();
  const { own, others } = await socketsOf(owner);
  await assertClosed(own, () => {
    revoked = [{ user_id: owner.userId, session_id: owner.sessionId, expires_in: 60 }];
  });
  await assert.rejects(connect(replicas[0] as Replica, owner), /401/);
  assert.ok(others.every((socket) => socket.readyState === socket.OPEN));
  await assertClosed(others, () => {
    revoked = [{ user_id: owner.userId, session_id: null, expires_in: 60 }];
  });
});
