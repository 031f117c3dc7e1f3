import { fileURLToPath } from 'node:url';
import { InvalidError, UnavailableError } from '@wave-connect/chassis/errors';
import { Piscina } from 'piscina';
import type { AuthConfig } from '../config.ts';
import type * as worker from './bcrypt-worker.ts';

/** bcrypt reads no further, so a longer password would be equal to its own beginning. */
const MAX_PASSWORD_BYTES = 72;

export type Passwords = {
  /** @throws UnavailableError while too many wait already */
  assertRoom(): void;
  /** @throws InvalidError for a password that is longer than bcrypt can take */
  hash(password: string): Promise<string>;
  /** Takes as long for an unknown account, which has no hash, as for a wrong password. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  stop(): Promise<void>;
};

/** bcrypt in worker threads: a hash takes tens of milliseconds, in which the event loop has better things to do. */
export function createPasswords({ cost, threads, maxQueued }: AuthConfig['passwords']): Passwords {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('bcrypt-worker.ts', import.meta.url)),
    minThreads: 1,
    maxThreads: threads,
    maxQueue: maxQueued,
  });
  function assertRoom(): void {
    if (pool.queueSize >= maxQueued) {
      throw new UnavailableError('Too many people are signing in right now; please try again.');
    }
  }
  async function run<Task extends keyof typeof worker>(name: Task, input: Parameters<(typeof worker)[Task]>[0]) {
    assertRoom();
    return (await pool.run(input, { name })) as ReturnType<(typeof worker)[Task]>;
  }
  const hash = (password: string) => run('hash', { password, cost });
  const decoy = hash('no account has this password');
  // The caller that awaits it sees a failure.
  decoy.catch(() => {});

  return {
    assertRoom,
    hash(password) {
      if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
        const message = `must be at most ${MAX_PASSWORD_BYTES} bytes in UTF-8`;
        throw new InvalidError(`password ${message}`, [{ path: '/body/password', message }]);
      }
      return hash(password);
    },
    async verify(password, known) {
      const matches = await run('compare', { password, hash: known ?? (await decoy) });
      return matches && known !== undefined && Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
    },
    stop: () => pool.close(),
  };
}
