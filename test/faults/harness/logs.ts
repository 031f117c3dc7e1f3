import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

export type Logs = {
  line(part: string, line: string): void;
  close(): Promise<void>;
  remove(): Promise<void>;
};

/** A file for each part, in a folder made anew: what 'auth[0]' says is in auth-0.log. */
async function openLogs(folder: string): Promise<Logs> {
  const files = new Map<string, WriteStream>();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });

  function fileOf(part: string): WriteStream {
    const known = files.get(part);
    if (known) return known;
    const name = part.replaceAll(/\W+/g, '-').replace(/-$/, '');
    const file = createWriteStream(join(folder, `${name}.log`));
    files.set(part, file);
    return file;
  }

  return {
    line: (part, line) => void fileOf(part).write(`${line}\n`),
    close: async () => void (await Promise.all([...files.values()].map((file) => finished(file.end())))),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Opens logs for a program, and removes them again where it is true, unless they are asked for. */
export async function withLogs(
  folder: string,
  { keepLogs, say }: { keepLogs: boolean; say: (line: string) => void },
  program: (logs: Logs) => Promise<boolean>,
): Promise<boolean> {
  const logs = await openLogs(folder);
  let passed = false;
  try {
    passed = await program(logs);
  } finally {
    await logs.close();
    if (passed && !keepLogs) await logs.remove();
    else say(`logs of all parts: ${folder}`);
  }
  return passed;
}
