import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startProcess } from '@wave-connect/dev-env/processes';
import { root, run } from '../support/command.ts';

const TIMEOUT_MS = 1_200_000;

/** Skaffold sends no request outside here: no usage data, and no search for a newer version. */
const ENV = { SKAFFOLD_INTERACTIVE: 'false', SKAFFOLD_UPDATE_CHECK: 'false' };

/** Runs Skaffold to its end, in the repository's root; returns what it wrote to its standard output. */
export const skaffold = (...args: string[]): Promise<string> =>
  run('skaffold', args, { env: ENV, timeoutMs: TIMEOUT_MS });

/** A copy of the repository without what git ignores, in which files can be changed as a developer does. */
export type Checkout = {
  readonly folder: string;
  /** Writes a file, new or not, by its path in the repository; folders are made. */
  write(path: string, text: string): Promise<void>;
  /** @throws where the file does not hold `from` */
  replace(path: string, from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  read(path: string): Promise<string>;
  discard(): Promise<void>;
};

export async function checkOut(): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'wave-checkout-'));
  const files = (await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'])).trim().split('\n');
  const at = (path: string) => join(folder, path);
  for (const file of files) await cp(join(root, file), at(file)).catch(unlessDeleted);
  const read = (path: string) => readFile(at(path), 'utf8');
  const write = async (path: string, text: string) => {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
  };
  return {
    folder,
    write,
    read,
    async replace(path, from, to) {
      const text = await read(path);
      if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
      await write(path, text.replace(from, to));
    },
    remove: (path) => rm(at(path)),
    discard: () => rm(folder, { recursive: true }),
  };
}

const unlessDeleted = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ENOENT') throw error;
};

/** `skaffold dev` on the cluster of the current context. */
export type DevLoop = {
  /** Where the port-forward to the gateway listens. */
  readonly url: string;
  /** What Skaffold has written, without the logs of pods. */
  output(): string;
  /** Ctrl-C; returns when Skaffold has cleaned up and ended. */
  interrupt(): Promise<void>;
};

const CLEAN_UP_MS = 180_000;
const LOG_OF_A_POD = /^\[/;

/**
 * Starts it in a checkout, whose skaffold.yaml gets another namespace in place of `wave`; returns when it forwards a port,
 * which is once all that it has deployed is ready.
 * @throws where it ends before, or takes too long
 */
export async function startDevLoop(checkout: Checkout, namespace: string): Promise<DevLoop> {
  const config = await checkout.read('skaffold.yaml');
  await checkout.write('skaffold.yaml', config.replaceAll('namespace: wave\n', `namespace: ${namespace}\n`));
  const { promise: forwarded, resolve, reject } = Promise.withResolvers<void>();
  const lines: string[] = [];
  const fail = (what: string) => reject(new Error(`skaffold dev ${what}:\n${lines.join('\n')}`));
  let url = '';
  const process_ = await startProcess({
    command: 'skaffold',
    args: ['dev', '--watch-poll-interval', '300'],
    cwd: checkout.folder,
    env: { ...process.env, ...ENV },
    stopSignal: 'SIGINT',
    stopDeadlineMs: CLEAN_UP_MS,
    onLine(line) {
      if (!LOG_OF_A_POD.test(line)) lines.push(line);
      const [, address] = /^Port forwarding service\/wave-gateway .* -> (http:\S+)/.exec(line) ?? [];
      if (address === undefined) return;
      url = address;
      resolve();
    },
  });
  void process_.exited.then(() => fail('ended'));
  const late = setTimeout(() => fail('takes too long'), TIMEOUT_MS);
  await forwarded.finally(() => clearTimeout(late));
  return {
    get url() {
      return url;
    },
    output: () => lines.join('\n'),
    interrupt: () => process_.stop(),
  };
}
