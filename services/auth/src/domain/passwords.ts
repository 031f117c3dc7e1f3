import { fileURLToPath } from 'node:url';
import { InvalidError } from '@wave-connect/chassis/errors';
import type { Shedding } from '@wave-connect/chassis/http';
import { getRounds } from 'bcryptjs';
import { Piscina } from 'piscina';
import type { AuthConfig } from '../config.ts';
import type * as worker from './bcrypt-worker.ts';

/** In code points, as in openapi.yaml, which counts them before they are composed. */
const MIN_PASSWORD_LENGTH = 8;
/** bcrypt reads no further, so a longer password would be equal to its own beginning. */
const MAX_PASSWORD_BYTES = 72;

/** `outdated`: the password is right, and a new hash should take the place of the one that it was compared with. */
export type Comparison = { matches: boolean; outdated: boolean };

export type Passwords = {
  /** @throws OverloadedError while too many wait already */
  assertRoom(): void;
  /** @throws InvalidError for a password that is too short, or longer than bcrypt can take */
  hash(password: string): Promise<string>;
  /** A password that does not match takes the same time for any account, and for none, which has no hash. */
  verify(password: string, hash: string | undefined): Promise<Comparison>;
  /** Tells of a hash in use that costs so much. */
  inUse(cost: number): void;
  stop(): Promise<void>;
};

/** bcrypt in worker threads: a hash takes tens of milliseconds, in which the event loop has better things to do. */
export function createPasswords(
  { cost, threads, maxQueued }: AuthConfig['passwords'],
  shedding: Pick<Shedding, 'refuse'>,
): Passwords {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('bcrypt-worker.ts', import.meta.url)),
    minThreads: 1,
    maxThreads: threads,
    maxQueue: maxQueued,
  });
  let costliest = cost;
  function assertRoom(): void {
    if (pool.queueSize >= maxQueued) throw shedding.refuse('passwords');
  }
  async function run<Task extends keyof typeof worker>(name: Task, input: Parameters<(typeof worker)[Task]>[0]) {
    assertRoom();
    return (await pool.run(input, { name })) as ReturnType<(typeof worker)[Task]>;
  }
  const inUse = (seen: number) => {
    costliest = Math.max(costliest, seen);
  };

  return {
    assertRoom,
    inUse,
    async hash(password) {
      const prepared = prepare(password);
      const problem = problemOf(prepared);
      if (problem) throw new InvalidError(`password ${problem}`, [{ path: '/body/password', message: problem }]);
      return run('hash', { password: prepared, cost });
    },
    async verify(password, hash) {
      if (hash !== undefined) inUse(getRounds(hash));
      const prepared = prepare(password);
      const compare = async (form: string) =>
        (await run('compare', { password: form, hash, costliest })) && Buffer.byteLength(form) <= MAX_PASSWORD_BYTES;
      if (await compare(prepared)) return { matches: true, outdated: hash !== undefined && getRounds(hash) < cost };
      // Hashes from before passwords were prepared are of the form that was typed.
      if (prepared !== password && (await compare(password))) return { matches: true, outdated: true };
      return { matches: false, outdated: false };
    },
    stop: () => pool.close(),
  };
}

/** RFC 8265, OpaqueString: what looks the same and is typed the same is the same, on every keyboard. */
const prepare = (password: string): string => password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC');

function problemOf(prepared: string): string | undefined {
  if ([...prepared].length < MIN_PASSWORD_LENGTH) return `must be at least ${MIN_PASSWORD_LENGTH} characters`;
  if (Buffer.byteLength(prepared) > MAX_PASSWORD_BYTES) return `must be at most ${MAX_PASSWORD_BYTES} bytes in UTF-8`;
  return undefined;
}
