import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(?:js|css|html|svg)$/;
const encodings = { br: promisify(brotliCompress), gz: promisify(gzip) };

/** Puts a compressed form beside each file, so that the gateway compresses nothing while it serves. */
export const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  async writeBundle({ dir = '' }) {
    const files = (await readdir(dir, { recursive: true })).filter((file) => TEXT.test(file));
    await Promise.all(files.map((file) => compress(join(dir, file))));
  },
};

async function compress(file: string): Promise<void> {
  const content = await readFile(file);
  for (const [extension, encode] of Object.entries(encodings)) {
    await writeFile(`${file}.${extension}`, await encode(content));
  }
}
