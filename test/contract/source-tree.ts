import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../support/command.ts';

const run = promisify(execFile);

const CONTRACT = 'openapi.yaml';
const FILES = [CONTRACT, 'package.json', 'tsconfig.json', 'biome.json', '.oxlintrc.json', '.gitignore', 'lint'];
const PACKAGES = ['packages/contracts', 'packages/chassis'];
const SERVICES = ['auth', 'chat', 'feed', 'profile'].map((name) => `services/${name}`);

/** A copy of the sources of the services and of what they stand on, where a file can be changed and checked. */
export type SourceTree = {
  /** Changes a file until the next `restore`; types are generated anew from a changed openapi.yaml. */
  change(path: string, edit: (text: string) => string): Promise<void>;
  /** Type checks; returns the files with errors. */
  tsc(): Promise<string[]>;
  /** Lints one file; returns what the linters say. */
  lint(path: string): Promise<string>;
  restore(): Promise<void>;
  remove(): Promise<void>;
};

export async function copySources(): Promise<SourceTree> {
  const tree = await mkdtemp(join(tmpdir(), 'sources-'));
  const isSource = (path: string) => !['node_modules', 'test'].includes(basename(path));
  for (const path of [...FILES, ...PACKAGES, ...SERVICES]) {
    await cp(join(root, path), join(tree, path), { recursive: true, filter: isSource });
  }
  await linkDependencies(tree);
  const originals = new Map<string, string>();

  async function write(path: string, text: string): Promise<void> {
    await writeFile(join(tree, path), text);
    if (path === CONTRACT) await run(process.execPath, [join(tree, 'packages/contracts/generate/main.ts')]);
  }

  /** What a checker says, whether it finds something or not. */
  async function outputOf(checker: string, args: string[]): Promise<string> {
    try {
      const { stdout, stderr } = await run(join(root, 'node_modules/.bin', checker), args, { cwd: tree });
      return stdout + stderr;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return stdout + stderr;
    }
  }

  return {
    async change(path, edit) {
      const text = await readFile(join(tree, path), 'utf8');
      const changed = edit(text);
      if (changed === text) throw new Error(`${path} did not change`);
      if (!originals.has(path)) originals.set(path, text);
      await write(path, changed);
    },
    async tsc() {
      const output = await outputOf('tsc', ['-p', '.', '--pretty', 'false']);
      return [...new Set([...output.matchAll(/^(\S+)\(\d+,\d+\): error /gm)].map(([, path = '']) => path))];
    },
    async lint(path) {
      return (await outputOf('oxlint', [path])) + (await outputOf('biome', ['lint', path]));
    },
    async restore() {
      for (const [path, text] of originals) await write(path, text);
      originals.clear();
    },
    remove: () => rm(tree, { recursive: true }),
  };
}

/** Those of the repository, but for the workspaces, which are the copies. */
async function linkDependencies(tree: string): Promise<void> {
  const dependencies = join(root, 'node_modules');
  await mkdir(join(tree, 'node_modules/@wave-connect'), { recursive: true });
  for (const name of await readdir(dependencies)) {
    if (name !== '@wave-connect') await symlink(join(dependencies, name), join(tree, 'node_modules', name));
  }
  for (const path of PACKAGES) {
    await symlink(join(tree, path), join(tree, 'node_modules/@wave-connect', basename(path)));
  }
  const generators = 'packages/contracts/node_modules';
  await symlink(join(root, generators), join(tree, generators));
}
