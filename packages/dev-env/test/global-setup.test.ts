import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { withClient } from '../src/postgres/index.ts';
import { startProcess } from '../src/processes/index.ts';

const here = import.meta.dirname;

async function runTests(env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const runner = await startProcess({
    command: process.execPath,
    args: [
      '--test',
      `--test-global-setup=${join(here, '..', 'src', 'global-setup.ts')}`,
      join(here, 'fixtures', 'sees-environment.test.ts'),
    ],
    env: {
      ...process.env,
      NODE_TEST_CONTEXT: undefined,
      TEST_POSTGRES_URL: '',
      TEST_KAFKA_URL: '',
      REQUIRE_KAFKA: '',
      REQUIRE_BROWSER: '',
      ...env,
    },
    cwd: here,
  });
  return { code: (await runner.exited).code, output: runner.output() };
}

test('test processes get the URL of a Postgres that is gone afterwards, and the output names what was left out', async () => {
  const { code, output } = await runTests({ SKIP_KAFKA: '1' });
  assert.equal(code, 0, output);
  assert.match(output, /LEFT OUT: all tests on Kafka, for there is none: SKIP_KAFKA is set/);
  const url = /url=(postgres:\S+)/.exec(output)?.[1] ?? assert.fail(output);
  await assert.rejects(
    withClient(url, async () => {}),
    { code: 'ECONNREFUSED' },
  );
});

test('a run that requires Kafka fails without', async () => {
  const { code, output } = await runTests({ SKIP_KAFKA: '1', REQUIRE_KAFKA: '1' });
  assert.notEqual(code, 0);
  assert.match(output, /REQUIRE_KAFKA is set, but there is no Kafka/);
});

test('a run without Chromium names what is left out, and fails where it is required', async () => {
  const without = { SKIP_KAFKA: '1', SKIP_BROWSER: '1' };
  const { code, output } = await runTests(without);
  assert.equal(code, 0, output);
  assert.match(
    output,
    /LEFT OUT: all tests of the web app in a browser, for there is no Chromium: SKIP_BROWSER is set/,
  );
  const required = await runTests({ ...without, REQUIRE_BROWSER: '1' });
  assert.notEqual(required.code, 0);
  assert.match(required.output, /REQUIRE_BROWSER is set, but there is no Chromium/);
});
