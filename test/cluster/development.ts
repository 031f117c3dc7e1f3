import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../support/buses.ts';
import { root } from '../support/command.ts';
import { execute, kubectl } from './kubectl.ts';
import type { Release } from './release.ts';

const FILE = 'services/feed/src/main.ts';

/** Tests what `skaffold dev` stands on: with values-dev.yaml a file that is copied into a pod runs without a new image. */
export function testDevelopment(release: () => Release): void {
  describe('while developing', () => {
    const feed = () => `deployment/${release().name}-feed`;
    const logs = () => kubectl(['logs', feed(), '-n', release().namespace]);
    const said = (text: string) => waitFor(text, async () => (await logs()).includes(text), EVENTUALLY);
    const original = readFileSync(join(root, FILE), 'utf8');

    /** Copies feed's main file with a further line, as Skaffold does by tar: in place of the file comes a new one. */
    async function copyWith(line: string): Promise<void> {
      const text = Buffer.from(`${original}${line}\n`).toString('base64');
      await execute(release().namespace, feed(), `rm /app/${FILE} && base64 -d <<< '${text}' > /app/${FILE}`);
    }

    before(() => release().upgrade({}, ['charts/wave-connect/values-dev.yaml']));

    test('a pod takes a changed file and starts again by itself', async () => {
      await copyWith("process.stdout.write('changed once\\n');");
      await said('changed once');
    });
    test('a pod takes the repair of a typing mistake', async () => {
      await copyWith('const = ;');
      await said('Waiting for file changes');
      await copyWith("process.stdout.write('repaired\\n');");
      await said('repaired');
      await kubectl(['rollout', 'status', feed(), '-n', release().namespace, '--timeout=2m']);
    });
  });
}
