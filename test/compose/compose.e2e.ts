import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { freePort } from '@wave-connect/dev-env/machine';
import { testJourney } from '../journeys/journey.ts';
import { run } from '../support/command.ts';
import { testPage } from '../support/page.ts';

const PROJECT = `wave-connect-e2e-${process.pid}`;
/** Images are built in it. */
const UP_TIMEOUT_MS = 900_000;
const DOWN_TIMEOUT_MS = 120_000;

describe('docker compose, as .env.example has it', { timeout: UP_TIMEOUT_MS }, () => {
  let port: number;

  const compose = (...args: string[]) =>
    run('docker', ['compose', '--project-name', PROJECT, '--env-file', '.env.example', ...args], {
      env: { PORT: String(port) },
      timeoutMs: args[0] === 'up' ? UP_TIMEOUT_MS : DOWN_TIMEOUT_MS,
    });
  const containers = async (): Promise<{ Service: string; State: string; ExitCode: number }[]> =>
    (await compose('ps', '--all', '--format', 'json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  before(async () => {
    port = await freePort();
    await compose('up', '--build', '--detach', '--wait');
  });
  after(() => compose('down', '--volumes', '--remove-orphans'));

  testJourney(() => `http://localhost:${port}`);
  testPage(() => `http://localhost:${port}`);

  test('every container runs, and what is to run once has ended well', async () => {
    const once = ['auth-migrate', 'chat-migrate', 'feed-migrate', 'profile-migrate', 'topics'];
    for (const { Service, State, ExitCode } of await containers()) {
      assert.equal(State, once.includes(Service) ? 'exited' : 'running', Service);
      assert.equal(ExitCode, 0, Service);
    }
  });

  test('a stop ends every service by itself, not by force', async () => {
    await compose('stop', 'gateway', 'auth', 'chat', 'feed', 'profile');
    const services = (await containers()).filter(({ Service }) => !/-|kafka|topics/.test(Service));
    assert.equal(services.length, 5);
    for (const { Service, State, ExitCode } of services) {
      assert.deepEqual({ State, ExitCode }, { State: 'exited', ExitCode: 0 }, Service);
    }
  });
});
