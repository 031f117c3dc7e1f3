// Registers somebody, follows them through every service and both ways over Kafka, and deletes the account again.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 250;
/** Seldom, for strangers may not register often. */
const RETRY_REGISTRATION_MS = 2_000;
/** What the gateway answers where no way leads to a service, or does not take it yet. */
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
  const answer = await ask(method, path, body);
  assert.equal(answer.status, status, `${method} /api/${path}: ${JSON.stringify(answer.body)}`);
  say(`${method} /api/${path} → ${status}`);
  return answer.body;
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
  const answer = await ask(method, path, body).catch(() => undefined);
  return answer !== undefined && !NO_WAY.includes(answer.status);
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
  return status === 404;
});
