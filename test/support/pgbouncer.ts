import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, temporaryFolder } from '@wave-connect/dev-env/machine';
import { type ManagedProcess, startProcess } from '@wave-connect/dev-env/processes';
import { waitFor } from '@wave-connect/dev-env/waiting';

const PGBOUNCER = [...(process.env.PATH ?? '').split(':'), '/usr/sbin']
  .map((folder) => join(folder, 'pgbouncer'))
  .find((file) => existsSync(file));
/** It refuses to run as root. */
const USER = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];

/** Why there is no PgBouncer, for `skip`; false where there is one, or must be. */
export const withoutPgBouncer: string | false =
  PGBOUNCER === undefined && process.env.CI !== 'true' ? 'no pgbouncer; Debian has a package of that name' : false;

export type PgBouncer = {
  /** The same database by way of PgBouncer. */
  url(databaseUrl: string): string;
  stop(): Promise<void>;
};

/**
 * Starts PgBouncer in transaction mode before the Postgres at that URL; two sessions of each database are all there is. It
 * asks for the password where one is given, and for none otherwise.
 */
export async function startPgBouncer(server: string, asked?: string): Promise<PgBouncer> {
  const { hostname, port, username, password } = new URL(server);
  const at = await freePort();
  const folder = await temporaryFolder();
  const file = join(folder, 'pgbouncer.ini');
  const users = join(folder, 'users.txt');
  await writeFile(users, `"${decodeURIComponent(username)}" "${asked ?? ''}"\n`);
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${port} user=${decodeURIComponent(username)} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${at}
unix_socket_dir =
auth_type = ${asked === undefined ? 'any' : 'scram-sha-256'}
auth_file = ${users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 500
`,
  );
  const running = await startProcess({
    command: PGBOUNCER ?? 'pgbouncer',
    args: [...USER, file],
    env: process.env,
    cwd: '/',
    // The other signals wait for clients to leave.
    stopSignal: 'SIGTERM',
  });
  await untilListening(running, at);
  return {
    url: (databaseUrl) => Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${at}` }).href,
    async stop() {
      await running.stop();
    },
  };
}

async function untilListening(running: ManagedProcess, port: number): Promise<void> {
  const listens = () =>
    new Promise<boolean>((resolve, reject) => {
      void running.exited.then(() => reject(new Error(`PgBouncer has ended: ${running.output()}`)));
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  await waitFor('PgBouncer to listen', listens, { deadlineMs: 20_000 });
}
