import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readableLine, startSystem } from '@wave-connect/dev-env/system';
import { WebSocket } from 'ws';
import { createHttpClient, type HttpClient } from '../support/http-client.ts';
import { resultPath, timeName, writeResult } from '../support/results.ts';
import { bodyOf, createSession, type Session } from '../support/session.ts';
import { percentile } from '../support/statistics.ts';
import { formatTable } from '../support/table.ts';
import { startSteadyProcess } from './steady-process.ts';

/**
 * The `make load-attacks` program: clients send headers and half a body, or one account floods the chat with messages, and
 * other people's requests are measured beside those of quiet phases of the same run. Ends with 1 where theirs fail or take
 * twice as long, or where the flood is stored.
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '15' }, rate: { type: 'string', default: '40' } },
});
const PHASE_MS = Number(values.seconds) * 1_000;
const RATE = Number(values.rate);

const SIGN_IN_EVERY_MS = 250;
/** A client that is refused comes back. */
const RECONNECT_MS = 1_000;
/** What a slow client takes to be measured against. */
const LIMIT = 2;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

type Attack = {
  name: string;
  /** Goes on until the function that it returns is called. */
  start(url: string): () => void;
  /** What it reached, where it may reach less than that. */
  reached?: () => { what: string; count: number; most: number };
};
/** One that sends headers and half a body, from that address. */
type Slow = { localAddress: string; path: string; token?: string };

function attacks(attacker: Session, receiver: string): Attack[] {
  const slowly = (name: string, count: number, slow: (at: number) => Slow): Attack => ({
    name,
    start: (url) =>
      sendHalves(
        url,
        Array.from({ length: count }, (_, at) => slow(at)),
      ),
  });
  const byAccount = (path: string) => (at: number) => ({
    localAddress: `127.0.0.${2 + (at % 20)}`,
    path,
    token: attacker.token,
  });
  return [
    slowly('400 sockets of one account', 400, byAccount('/api/feed/')),
    slowly('400 uploads of one account', 400, byAccount('/api/profile/avatar/')),
    slowly('390 sockets of one network at sign-in', 390, () => ({
      localAddress: '127.0.0.2',
      path: '/api/auth/login',
    })),
    slowly('20 networks × 20 sockets at sign-in', 400, (at) => ({
      localAddress: `127.0.0.${2 + (at % 20)}`,
      path: '/api/auth/login',
    })),
    flood(attacker, receiver),
  ];
}

const UPLOAD_BYTES = 100_000;

function halfARequest({ path, token }: Slow): string {
  const isUpload = path.includes('avatar');
  const length = isUpload ? UPLOAD_BYTES : 1_000;
  const lines = [
    `${isUpload ? 'PUT' : 'POST'} ${path} HTTP/1.1`,
    'Host: localhost',
    `Content-Type: ${isUpload ? 'image/png' : 'application/json'}`,
    `Content-Length: ${length}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${' '.repeat(length / 2)}`;
}

/** Keeps each of the sockets open, until the function that it returns is called. */
function sendHalves(url: string, sockets: readonly Slow[]): () => void {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  let ended = false;

  function start(slow: Slow): void {
    if (ended) return;
    const socket = connect({ port: Number(port), host: hostname, localAddress: slow.localAddress });
    open.add(socket);
    socket.on('error', () => {}).resume();
    socket.once('close', () => {
      open.delete(socket);
      setTimeout(() => start(slow), RECONNECT_MS);
    });
    socket.write(halfARequest(slow));
  }

  for (const slow of sockets) start(slow);
  return () => {
    ended = true;
    for (const socket of open) socket.destroy();
  };
}

/** 33,000 messages a minute, which was all that a client could send before frames were counted. */
const FLOOD = { sockets: 4, framesAtOnce: 11, everyMs: 80 };
/** What CHAT_FRAMES_PER_MINUTE and CHAT_FRAMES_BURST let through unless set. */
const FRAMES = { perMinute: 600, burst: 60 };

function flood({ token }: Session, receiver: string): Attack {
  let stored = 0;
  let beganAt = 0;
  let endedAt = 0;
  return {
    name: '33,000 messages a minute of one account',
    start(url) {
      beganAt = performance.now();
      const sockets = Array.from({ length: FLOOD.sockets }, () =>
        new WebSocket(`${url.replace('http', 'ws')}/api/chat/ws`, { headers: { Authorization: `Bearer ${token}` } })
          .on('error', () => {})
          .on('message', (data) => {
            const { type, client_id: isOwn } = JSON.parse(String(data));
            if (type === 'message' && isOwn) stored += 1;
          }),
      );
      const frame = JSON.stringify({ receiver, text: 'flood', client_id: 1 });
      const timer = setInterval(() => {
        const open = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN);
        for (const socket of open) for (let sent = 0; sent < FLOOD.framesAtOnce; sent += 1) socket.send(frame);
      }, FLOOD.everyMs);
      return () => {
        endedAt = performance.now();
        clearInterval(timer);
        for (const socket of sockets) socket.terminate();
      };
    },
    reached: () => ({
      what: 'messages stored',
      count: stored,
      most: FRAMES.burst + Math.ceil(((endedAt - beganAt) / 60_000) * FRAMES.perMinute),
    }),
  };
}

/** Signs in again and again, until the function that it returns is called. */
function signIns(session: Session) {
  const times: number[] = [];
  const failures: string[] = [];
  let ended = false;
  const done = (async () => {
    while (!ended) {
      const begin = performance.now();
      const reply = await session.logIn();
      if ('status' in reply && reply.status === 202) times.push(performance.now() - begin);
      else failures.push('status' in reply ? String(reply.status) : reply.error);
      await sleep(SIGN_IN_EVERY_MS);
    }
  })();
  return async () => {
    ended = true;
    await done;
    return { p99: percentile(times, 99), failures };
  };
}

type Phase = {
  name: string;
  p50: number;
  p99: number;
  signInP99: number;
  failures: string[];
  reached?: ReturnType<NonNullable<Attack['reached']>> | undefined;
};

async function measure(url: string, person: Session, phase: { name: string; attack?: Attack }): Promise<Phase> {
  const load = await startSteadyProcess({ url, rate: RATE, seed: 1 });
  const stopAttack = phase.attack?.start(url);
  const signingIn = signIns(person);
  await sleep(PHASE_MS);
  const { p99: signInP99, failures } = await signingIn();
  const result = await load.stop();
  stopAttack?.();
  const failed = result.failures.map(({ request, why }) => `${request}: ${why}`);
  const { p50, p99 } = result;
  const reached = phase.attack?.reached?.();
  return { name: phase.name, p50, p99, signInP99: Math.round(signInP99), failures: [...failed, ...failures], reached };
}

async function someone(http: HttpClient): Promise<Session> {
  const session = createSession(http);
  session.id = bodyOf('registering', await session.register(), 201).id;
  bodyOf('signing in', await session.logIn(), 202);
  return session;
}

/** Of the quiet phases before and after one. */
const quietP99 = (phases: readonly Phase[], at: number, of: 'p99' | 'signInP99'): number =>
  Math.max(phases[at - 1]?.[of] ?? 0, phases[at + 1]?.[of] ?? 0);

function judge(phases: readonly Phase[]): { rows: (string | number)[][]; problems: string[] } {
  const problems: string[] = [];
  const rows = phases.map((phase, at) => {
    const { name, p50, p99, signInP99, failures, reached } = phase;
    const isQuiet = at % 2 === 0;
    const ratios = (['p99', 'signInP99'] as const).map((of) => phase[of] / quietP99(phases, at, of));
    if (failures.length > 0) problems.push(`${name}: ${failures.length} failed, such as ${failures[0]}`);
    if (!isQuiet && ratios.some((ratio) => !(ratio < LIMIT))) problems.push(`${name}: ${LIMIT} times as slow as quiet`);
    if (reached && !(reached.count > 0 && reached.count <= reached.most)) {
      problems.push(`${name}: ${reached.count} ${reached.what}, at most ${reached.most} are expected`);
    }
    const [requests = '', signIn = ''] = isQuiet ? [] : ratios.map((ratio) => ratio.toFixed(2));
    return [name, p50, p99, requests, signInP99, signIn, failures.length];
  });
  return { rows, problems };
}

async function run(url: string): Promise<void> {
  const http = createHttpClient(url);
  const [attacker, person] = [await someone(http), await someone(http)];
  const phases: Phase[] = [await measure(url, person, { name: 'quiet' })];
  for (const each of attacks(attacker, person.id)) {
    print(`${each.name} …`);
    phases.push(await measure(url, person, { name: each.name, attack: each }));
    phases.push(await measure(url, person, { name: 'quiet' }));
  }
  http.close();
  const { rows, problems } = judge(phases);
  print(formatTable(['phase', 'p50, ms', 'p99, ms', '× quiet', 'sign-in p99, ms', '× quiet', 'failed'], rows));
  for (const { name, reached } of phases) {
    if (reached) print(`${name}: ${reached.count} ${reached.what}, of ${reached.most} that the limit lets through`);
  }
  for (const problem of problems) print(`FAILED: ${problem}`);
  print(`Written to ${await writeResult(resultPath('load', `attacks-${timeName()}`), { phases, problems })}`);
  if (problems.length > 0) process.exitCode = 1;
}

const system = await startSystem({
  env: { LOG_LEVEL: 'error', BCRYPT_COST: '4' },
  serviceEnv: { chat: { RATE_LIMIT: 'on' } },
  onLine: (part, line) => process.stdout.write(readableLine(part, line) ?? ''),
});
try {
  await run(system.url);
} finally {
  await system.stop();
}
