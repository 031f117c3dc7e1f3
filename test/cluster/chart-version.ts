import assert from 'node:assert/strict';
import { cp, glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, run } from '../support/command.ts';
import { list, longLived } from './kubectl.ts';
import type { Release } from './release.ts';

const NEXT = '0.1.1';

/** Tests that an upgrade to a chart that differs by its version alone leaves every pod as it is, Kafka's too. */
export function testChartVersion(release: () => Release): void {
  test('a new version of the chart that changes nothing restarts no pod', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wave-charts-'));
    try {
      await cp(join(root, 'charts'), folder, { recursive: true });
      for await (const file of glob('*/Chart.yaml', { cwd: folder })) await raiseVersion(join(folder, file));
      await rm(join(folder, 'wave-connect', 'Chart.lock'));
      const chart = join(folder, 'wave-connect');
      await run('helm', ['dependency', 'update', '--skip-refresh', chart], { timeoutMs: 120_000 });
      const before = await podsOf(release());
      await release().upgrade({}, { chart });
      assert.deepEqual(await podsOf(release()), before);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Of the chart, of the program that it names, and of the charts that it stands on. */
async function raiseVersion(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(/^( *(?:- )?(?:appVersion|version): )"?0\.1\.0"?$/gm, `$1"${NEXT}"`));
}

const podsOf = async ({ namespace }: Release): Promise<string[]> =>
  (await list(namespace, 'pods', longLived)).map(({ metadata }) => `${metadata.name} ${metadata.uid}`).sort();
