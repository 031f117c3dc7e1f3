import { execFileSync } from 'node:child_process';
import { SetupError } from './setup-error.ts';

export type User = { uid: number; gid: number };

const CANDIDATES = ['postgres', 'nobody'];

/** Postgres refuses to run as root, so root runs it as a user that the machine has; anyone else as themselves. */
export function postgresUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) };
    } catch {
      // no such user
    }
  }
  throw new SetupError(
    `Postgres does not run as root, and there is no user ${CANDIDATES.join(' or ')}: run as another user`,
  );
}

function idOf(kind: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [kind, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

/** Whether `user` may enter a folder, or run a program; asked as that user, for the folders above decide too. */
export function canReach(path: string, user: User | undefined): boolean {
  if (!user) return true;
  try {
    execFileSync('sh', ['-c', '[ -x "$1" ]', 'sh', path], { ...user, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
