import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSystem } from '@wave-connect/dev-env/system';
import { Person } from '../../support/person.ts';

/**
 * Runs schemathesis, whose command is the first argument, over openapi.yaml on a running system, with every
 * check that it has. The rest of the arguments go to it.
 */
const [command = 'schemathesis', ...more] = process.argv.slice(2);
const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const EXAMPLES = '40';
const SEED = '1';

const system = await startSystem({ env: { LOG_LEVEL: 'error', BCRYPT_COST: '4' } });
try {
  const [person, disposable] = await Promise.all([Person.join(system.url), Person.join(system.url)]);
  const options = {
    '--url': system.url,
    '--mode': 'all',
    '--checks': 'all',
    '--max-examples': EXAMPLES,
    '--seed': SEED,
    '--phases': 'examples,coverage,fuzzing,stateful',
  };
  const global = ['--config-file', pathOf('schemathesis.toml')];
  const fuzzer = spawn(
    command,
    [...global, 'run', pathOf('../../../openapi.yaml'), ...Object.entries(options).flat(), ...more],
    {
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: pathOf('hooks.py'),
        FUZZ_TOKEN: person.token,
        FUZZ_DISPOSABLE_TOKEN: disposable.token,
      },
      stdio: 'inherit',
    },
  );
  const [code] = await once(fuzzer, 'exit');
  process.exitCode = code ?? 1;
  const { status } = await person.get('auth/id/');
  if (status !== 200) throw new Error(`the account that all requests went by is gone (${status}): they proved little`);
} finally {
  await system.stop();
}
