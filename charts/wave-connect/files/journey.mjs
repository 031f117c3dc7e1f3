// Registers an account, uses every service and both ways over Kafka with it, and deletes it again.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 250;
/** Seldom, for registrations from one address are limited. */
const RETRY_REGISTRATION_MS = 2_000;
/** Responses of the gateway while a service cannot be reached, or does not take requests yet. */
const NO_WAY = [502, 503];
const { GATEWAY_URL, TIMEOUT_MS } = process.env;
const deadline = Date.now() + Number(TIMEOUT_MS);

const name = `helm_test_${randomUUID().slice(0, 8)}`;
const credentials = { email: `${name}@example.com`, password: randomUUID() };
let token;

const say = (line) => process.stdout.write(`${line}\n`);

async function ask(method, path, body) {
  const headers = {
    ...(body && { 'Content-Type': 'application/json' }),
    ...(token && { Authorization: `Bearer ${token}` }),
  };
  const response = await fetch(`${GATEWAY_URL}/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}

async function expect(status, method, path, body) {
  const response = await ask(method, path, body);
  assert.equal(response.status, status, `${method} /api/${path}: ${JSON.stringify(response.body)}`);
  say(`${method} /api/${path} → ${status}`);
  return response.body;
}

async function eventually(what, holds, pauseMs = RETRY_MS) {
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `within ${TIMEOUT_MS} ms: ${what}`);
    await sleep(pauseMs);
  }
  say(what);
}

/** Pods are ready some time before the cluster's network leads to them. */
async function isThere(method, path, body) {
  const response = await ask(method, path, body).catch(() => undefined);
  return response !== undefined && !NO_WAY.includes(response.status);
}

await eventually('auth is there', () => isThere('POST', 'auth/login', {}), RETRY_REGISTRATION_MS);
const { id } = await expect(201, 'POST', 'auth/register', credentials);
token = (await expect(202, 'POST', 'auth/login', credentials)).token;
try {
  for (const [service, path] of [
    ['profile', `profile/${id}`],
    ['feed', 'feed/'],
    ['chat', 'chat/conversation'],
  ]) {
    await eventually(`${service} is there`, () => isThere('GET', path));
  }
  await eventually('auth told profile', async () => (await ask('GET', `profile/${id}`)).status === 200);
  await expect(201, 'POST', 'profile/', { username: name });
  const publication = await expect(201, 'POST', 'feed/', { text: 'helm test' });
  await eventually('profile told feed', async () => {
    const { body } = await ask('GET', `feed/${publication.id}`);
    return body.author?.username === name;
  });
  await expect(200, 'GET', 'chat/conversation');
} finally {
  await expect(204, 'DELETE', 'auth/');
}
await eventually('auth told all that the account is gone', async () => {
  const { status } = await ask('GET', `profile/${id}`);
  // Whichever comes first: profile hears of it by event, and the gateway refuses the token within seconds.
  return status === 404 || status === 401;
});
