import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { constantSecret } from '@wave-connect/chassis/config';
import { createLogger, networkOf } from '@wave-connect/chassis/observability';
import { CLIENT_ADDRESS_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import request from 'supertest';
import { createEmailHash } from '../src/domain/email-hash.ts';
import { signInPruning } from '../src/domain/sign-in-protection.ts';
import { createClient } from '../src/repository/client.ts';
import { signInsIn } from '../src/repository/sign-ins.ts';
import { anEmail, PASSWORD, startAuth } from './support.ts';

const EMAIL_HASH_KEY = 'a key of at least thirty-two bytes, too';
const WRONG = 'wrong password';
const REFILL_S = 30;

/** Two replicas on one database. */
let replicas: TestService[];

before(async () => {
  const first = await startAuth({ EMAIL_HASH_KEY });
  replicas = [first, await startAuth({ EMAIL_HASH_KEY, DATABASE_URL: first.databaseUrl })];
});
after(() => Promise.all(replicas.map((replica) => replica.stop())));

/** In a /24 of its own, but for chance. */
const anAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;

let calls = 0;
/** By one replica after the other. */
function post(path: string, body: object, address: string) {
  calls += 1;
  const { url } = replicas[calls % replicas.length] as TestService;
  return request(url).post(`/api/auth/${path}`).set(CLIENT_ADDRESS_HEADER, address).send(body);
}
const logIn = (email: string, password: string, address: string) => post('login', { email, password }, address);

async function aPerson(address = anAddress()) {
  const email = anEmail();
  await post('register', { email, password: PASSWORD }, address).expect(201);
  return { email, address };
}

/** What responses tell, without what differs from request to request. */
const shown = ({ status, headers, body }: request.Response) => ({
  status,
  retryAfter: headers['retry-after'],
  names: Object.keys(headers).sort(),
  problem: { ...body, request_id: undefined },
});

async function tryOften(times: number, email: string, address: string) {
  const seen = [];
  for (let time = 0; time < times; time += 1) seen.push(shown(await logIn(email, WRONG, address)));
  return seen;
}

const database = () => (replicas[0] as TestService).database;
const hashOf = createEmailHash(constantSecret(EMAIL_HASH_KEY));

/** Lets the delay of a pair pass. */
const passDelay = (email: string, address: string) =>
  database().query(
    "UPDATE sign_in_failures SET blocked_until = now() - interval '1 ms' WHERE account = $1 AND network = $2",
    [hashOf(email), networkOf(address)],
  );

test('ten failures of an account in a network are followed by 429, with a Retry-After that doubles', async () => {
  const { email } = await aPerson();
  const address = anAddress();
  const seen = await tryOften(14, email, address);
  assert.deepEqual(
    seen.map(({ status, retryAfter }) => [status, retryAfter]),
    [...Array(10).fill([401, undefined]), [429, '1'], [429, '2'], [429, '4'], [429, '8']],
  );
  assert.equal(seen[10]?.problem.type, '/problems/too-many-requests');
});

test('a try that has waited is let through; when it fails, the delay doubles', async () => {
  const { email } = await aPerson();
  const address = anAddress();
  await tryOften(11, email, address);
  await passDelay(email, address);
  const [failed, refused] = await tryOften(2, email, address);
  assert.equal(failed?.status, 401);
  assert.deepEqual([refused?.status, refused?.retryAfter], [429, '2']);
  await passDelay(email, address);
  await logIn(email, PASSWORD, address).expect(202);
  // All is forgotten with that.
  assert.equal((await tryOften(10, email, address)).at(-1)?.status, 401);
});

test('the delay ends at 15 minutes, and tries before its end do not prolong it', async () => {
  const { email } = await aPerson();
  const address = anAddress();
  const seen = await tryOften(25, email, address);
  const delays = seen.slice(10).map(({ retryAfter }) => Number(retryAfter));
  assert.deepEqual(delays.slice(0, 11), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
  for (const delay of delays.slice(11)) assert.ok(delay <= 900 && delay > 800, String(delay));
  const until = async () => (await database().query('SELECT max(blocked_until) FROM sign_in_failures')).rows[0].max;
  const before = await until();
  await logIn(email, PASSWORD, address).expect(429);
  assert.deepEqual(await until(), before);
});

test('from another network the owner signs in meanwhile, and so does another account from this one', async () => {
  const { email } = await aPerson();
  const address = anAddress();
  assert.equal((await tryOften(11, email, address)).at(-1)?.status, 429);
  await logIn(email, PASSWORD, anAddress()).expect(202);
  await logIn(email, PASSWORD, address).expect(429);
  const other = await aPerson();
  await logIn(other.email, PASSWORD, address).expect(202);
});

test('addresses of one network count together, IPv6 by /64 and IPv4 within IPv6 as IPv4', async () => {
  for (const [one, other, elsewhere] of [
    ['203.0.113.1', '::ffff:203.0.113.9', '203.0.114.1'],
    ['2001:db8:1:2::1', '2001:0DB8:1:2:ffff::', '2001:db8:1:3::1'],
  ] as const) {
    const { email } = await aPerson();
    await tryOften(5, email, one);
    const seen = await tryOften(6, email, other);
    assert.deepEqual([seen[4]?.status, seen[5]?.status], [401, 429]);
    await logIn(email, WRONG, elsewhere).expect(401);
  }
});

test('the right password is not compared while tries are refused', async () => {
  const { email } = await aPerson();
  const address = anAddress();
  const hashing = await startAuth({ EMAIL_HASH_KEY, DATABASE_URL: replicas[0]?.databaseUrl ?? '', BCRYPT_COST: '13' });
  try {
    await tryOften(11, email, address);
    const refused = await timed(() => loginAt(hashing, { email, password: PASSWORD, address }, 429));
    const compared = await timed(() => loginAt(hashing, { email: anEmail(), password: PASSWORD, address }, 401));
    assert.ok(refused < compared / 3, `${refused} ms refused, ${compared} ms compared`);
  } finally {
    await hashing.stop();
  }
});

const loginAt = (
  { url }: TestService,
  { address, ...body }: { address: string; [field: string]: string },
  status: number,
) => request(url).post('/api/auth/login').set(CLIENT_ADDRESS_HEADER, address).send(body).expect(status);

async function timed(work: () => PromiseLike<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

test('an email without an account is treated alike: the same statuses, headers and problems', async () => {
  const { email } = await aPerson();
  const address = anAddress();
  assert.deepEqual(await tryOften(16, anEmail(), address), await tryOften(16, email, address));
});

test('of 50 wrong tries at once ten are compared', async () => {
  for (const email of [(await aPerson()).email, anEmail()]) {
    const address = anAddress();
    const responses = await Promise.all(Array.from({ length: 50 }, () => logIn(email, WRONG, address)));
    const statuses = responses.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 401).length, 10);
    assert.equal(statuses.filter((status) => status === 429).length, 40);
  }
});

test('many networks guess one account: their tries are bounded, while the owner signs in from networks of theirs', async () => {
  const { email, address } = await aPerson();
  const second = anAddress();
  await logIn(email, PASSWORD, second).expect(202);
  const begin = Date.now();
  const guesses = await Promise.all(Array.from({ length: 200 }, () => logIn(email, WRONG, anAddress())));
  const compared = guesses.filter(({ status }) => status === 401).length;
  const regained = Math.ceil((Date.now() - begin) / 1_000 / REFILL_S);
  assert.ok(compared >= 30 && compared <= 30 + regained, `${compared} of 200 guesses were compared`);
  for (const { status, headers } of guesses.filter(({ status }) => status !== 401)) {
    assert.equal(status, 429);
    assert.ok(Number(headers['retry-after']) >= 1 && Number(headers['retry-after']) <= REFILL_S);
  }
  // Where they registered, and where they have signed in.
  for (const known of [address, second]) await logIn(email, PASSWORD, known).expect(202);
  // Slowed, never locked.
  const elsewhere = anAddress();
  await logIn(email, PASSWORD, elsewhere).expect(429);
  await database().query(`UPDATE sign_in_allowances SET full_at = full_at - interval '${REFILL_S}s'`);
  await logIn(email, PASSWORD, elsewhere).expect(202);
});

test('what is refused stores nothing', async () => {
  const rows = async () =>
    (
      await database().query(
        'SELECT (SELECT count(*) FROM sign_in_failures) + (SELECT count(*) FROM sign_in_allowances) AS n',
      )
    ).rows[0].n;
  const email = anEmail();
  await Promise.all(Array.from({ length: 30 }, () => logIn(email, WRONG, anAddress())));
  const before = await rows();
  const refused = await Promise.all(Array.from({ length: 50 }, () => logIn(email, WRONG, anAddress())));
  assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([429]));
  assert.equal(await rows(), before);
});

test('no email is stored with the counts, and a successful sign-in leaves none', async () => {
  const { email } = await aPerson();
  const address = anAddress();
  await tryOften(1, email, address);
  const { rows } = await database().query('SELECT * FROM sign_in_failures WHERE account = $1', [hashOf(email)]);
  assert.equal(rows.length, 1);
  assert.equal(rows[0].network, networkOf(address));
  await logIn(email, PASSWORD, address).expect(202);
  const left = await database().query('SELECT FROM sign_in_failures WHERE account = $1', [hashOf(email)]);
  assert.equal(left.rowCount, 0);
});

test('an account knows the networks that it was used in last, and forgets them with its end', async () => {
  const { email, address } = await aPerson();
  for (let time = 0; time < 22; time += 1) await logIn(email, PASSWORD, `172.16.${time}.1`).expect(202);
  const known = async () =>
    (
      await database().query('SELECT k.* FROM known_networks k JOIN users u ON u.id = user_id WHERE email = $1', [
        email,
      ])
    ).rows;
  const networks = (await known()).map(({ network }) => network);
  assert.equal(networks.length, 20);
  assert.ok(networks.includes('172.16.21.0/24') && !networks.includes(networkOf(address)));
  const [{ user_id: id }] = await known();
  await request(replicas[0]?.url ?? '')
    .delete('/api/auth/')
    .set('X-User-ID', id)
    .expect(204);
  assert.equal((await database().query('SELECT FROM known_networks WHERE user_id = $1', [id])).rowCount, 0);
});

test('outdated rows are pruned in batches', async () => {
  const { email, address } = await aPerson();
  await database().query(`
    INSERT INTO sign_in_failures (account, network, failures, expires_at)
    SELECT decode(md5(n::text), 'hex'), '10.0.0.0/24', 1, now() - interval '1 s' FROM generate_series(1, 2500) AS n`);
  await database().query(`
    INSERT INTO sign_in_allowances SELECT decode(md5(n::text), 'hex'), now() - interval '1 s' FROM generate_series(1, 2500) AS n`);
  await tryOften(1, email, anAddress());
  await database().query(
    `
    INSERT INTO known_networks (user_id, network, last_seen)
    SELECT id, '192.0.2.0/24', now() - interval '61 days' FROM users WHERE email = $1`,
    [email],
  );
  const log = createLogger('test', 'silent');
  const limits = {
    failures: 10,
    windowS: 900,
    maxDelayS: 900,
    accountFailures: 30,
    accountPerMinute: 2,
    knownNetworkDays: 60,
  };
  const parts = [0, 1].map(() => signInPruning({ signIns: signInsIn(createClient(database()), limits) }, log, 10));
  for (const part of parts) part.start?.();
  const outdated = async () =>
    (
      await database().query(`
        SELECT (SELECT count(*) FROM sign_in_failures WHERE expires_at < now())
             + (SELECT count(*) FROM sign_in_allowances WHERE full_at < now())
             + (SELECT count(*) FROM known_networks WHERE last_seen < now() - interval '60 days') AS n`)
    ).rows[0].n;
  await waitFor('no outdated row', async () => (await outdated()) === '0', { deadlineMs: 20_000 });
  for (const part of parts) await part.stop?.(1_000);
  const { rowCount } = await database().query('SELECT FROM sign_in_failures WHERE account = $1', [hashOf(email)]);
  assert.equal(rowCount, 1);
  await logIn(email, PASSWORD, address).expect(202);
});
