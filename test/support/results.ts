import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { defaultDataDir, repositoryRoot } from '@wave-connect/dev-env/machine';

/** Where a program leaves its results, without an extension: `name` below `.data/<program>`. */
export const resultPath = (program: string, name: string): string => join(defaultDataDir, program, name);

/** A name for the results of a run that begins now. */
export const timeName = (): string => new Date().toISOString().replaceAll(':', '-');

/** Writes results as JSON. Returns the file's path from the repository's root. */
export async function writeResult(path: string, result: object): Promise<string> {
  const file = `${path}.json`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  return relative(repositoryRoot, file);
}
