import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/command.ts';

export type KeyPair = { /** PEM */ key: string /** PEM */; certificate: string };

/** A self-signed certificate for two days; `extensions` as `openssl req -addext` takes them. */
export async function selfSigned(subject: string, ...extensions: string[]): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), 'wave-tls-'));
  const [key, certificate] = [join(folder, 'key'), join(folder, 'crt')];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  try {
    await run('openssl', ['req', ...made, '-subj', subject, ...extensions.flatMap((each) => ['-addext', each])]);
    return { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
