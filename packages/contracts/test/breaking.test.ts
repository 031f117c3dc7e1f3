import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const proto = join(import.meta.dirname, '../proto');
const buf = join(proto, '../../../node_modules/.bin/buf');
/** What buf finds goes to its standard output. */
const says = (finding: RegExp) => (error: { stdout?: string }) => finding.test(error.stdout ?? '');
const FILE = 'waveconnect/profile/v1/profile.proto';

describe('profile.proto', () => {
  let changed: string;

  before(async () => {
    changed = await mkdtemp(join(tmpdir(), 'proto-'));
    await cp(join(proto, 'buf.yaml'), join(changed, 'buf.yaml'));
  });
  after(() => rm(changed, { recursive: true }));

  async function change(from: string, to: string): Promise<void> {
    const text = await readFile(join(proto, FILE), 'utf8');
    assert.ok(text.includes(from));
    await cp(join(proto, FILE), join(changed, FILE));
    await writeFile(join(changed, FILE), text.replace(from, to));
  }
  const breaking = () => run(buf, ['breaking', changed, '--against', proto]);
  const lint = () => run(buf, ['lint', changed]);

  test('a field more breaks nobody', async () => {
    await change('  int64 version = 4;', '  int64 version = 4;\n  optional string bio = 5;');
    await breaking();
    await lint();
  });

  for (const [what, from, to] of [
    ['a field of another number', 'int64 version = 4', 'int64 version = 5'],
    ['a field of another type', 'int64 version', 'string version'],
    ['a call that is gone', 'rpc GetProfiles', 'rpc ListProfiles'],
  ] as const) {
    test(`${what} is noticed`, async () => {
      await change(from, to);
      await assert.rejects(breaking(), says(/profile\.proto/));
    });
  }

  test('a name against the rules is noticed', async () => {
    await change('int64 version = 4', 'int64 Version = 4');
    await assert.rejects(lint(), says(/lower_snake_case/));
  });
});
