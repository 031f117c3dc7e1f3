import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../support/buses.ts';
import { root } from '../support/command.ts';
import { execute, kubectl } from './kubectl.ts';
import type { Release } from './release.ts';

const FILE = 'services/feed/src/main.ts';
const SAID = 'the file that was synced runs';

/** Tests what `skaffold dev` stands on: with values-dev.yaml a file that is copied into a pod runs without a new image. */
export function testDevelopment(release: () => Release): void {
  describe('while developing', () => {
    test('a pod takes a changed file and starts again by itself', async () => {
      const { name, namespace } = release();
      const feed = `deployment/${name}-feed`;
      await release().upgrade({}, ['charts/wave-connect/values-dev.yaml']);
      const changed = `${readFileSync(join(root, FILE), 'utf8')}process.stdout.write('${SAID}\\n');\n`;
      const text = Buffer.from(changed).toString('base64');
      await execute(namespace, feed, `base64 -d <<< '${text}' > /app/${FILE}`);
      const hasRun = async () => (await kubectl(['logs', feed, '-n', namespace])).includes(SAID);
      await waitFor('the changed file to run', hasRun, EVENTUALLY);
      await kubectl(['rollout', 'status', feed, '-n', namespace, '--timeout=2m']);
    });
  });
}
