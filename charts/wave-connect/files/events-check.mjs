// Asks each service whether events flow, until they do: no check of its readiness waits or fails.
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 1_000;
const REQUEST_TIMEOUT_MS = 5_000;
const { SERVICES, TIMEOUT_MS } = process.env;
const deadline = Date.now() + Number(TIMEOUT_MS);

const say = (line) => process.stdout.write(`${line}\n`);

/** What keeps events from flowing, by the service's own word; none where they flow. */
async function obstacles(url) {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    const { checks = [] } = await response.json();
    const open = checks.filter(({ status }) => status !== 'ok');
    if (open.length === 0 && !response.ok) return [`it is not ready (${response.status})`];
    return open.map(({ name, status, detail }) => `${name} is ${status}${detail ? `: ${detail}` : ''}`);
  } catch (error) {
    return [`no response (${error.cause?.code ?? error.message})`];
  }
}

/** Resolves to what is left when they flow or time is up; tells each change once. */
async function untilEventsFlow(service, url) {
  for (let before = ''; ; await sleep(RETRY_MS)) {
    const open = await obstacles(url);
    const now = open.join('; ') || 'events flow';
    if (now !== before) say(`${service}: ${now}`);
    if (open.length === 0 || Date.now() >= deadline) return open.map((each) => `${service}: ${each}`);
    before = now;
  }
}

const left = await Promise.all(SERVICES.split(' ').map((each) => untilEventsFlow(...each.split('='))));
if (left.flat().length > 0) {
  say(`Events do not flow after ${TIMEOUT_MS} ms:`);
  for (const line of left.flat()) say(`- ${line}`);
  process.exitCode = 1;
}
