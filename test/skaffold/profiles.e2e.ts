import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readSkaffold } from '../charts/skaffold-rules.ts';
import { root, run } from '../support/command.ts';
import { skaffold } from './skaffold.ts';

const REGISTRY = 'registry.example.org/wave';
const { profiles } = readSkaffold(readFileSync(join(root, 'skaffold.yaml'), 'utf8'));

/** Nothing of this needs a cluster. */
describe('skaffold.yaml, as Skaffold takes it', () => {
  for (const { name } of profiles)
    test(`with the profile ${name}`, async () => {
      const config = readSkaffold(await skaffold('diagnose', '--yaml-only', '--profile', name));
      const [release] = config.deploy.helm.releases;
      assert.match(release?.valuesFiles?.[0] ?? '', new RegExp(`/values-${name}\\.yaml$`));
    });

  test('staging pushes the images that the chart takes from the same registry', async () => {
    const built = await skaffold('build', '--dry-run', '--quiet', '--profile', 'staging', '--default-repo', REGISTRY);
    const tags: string[] = JSON.parse(built).builds.map(({ tag }: { tag: string }) => tag);
    const revision = (await run('git', ['rev-parse', 'HEAD'])).trim();
    await run('helm', ['dependency', 'build', 'charts/wave-connect'], { timeoutMs: 120_000 });
    const values = ['--values', 'charts/wave-connect/values-staging.yaml'];
    const set = ['--set', `global.imageRegistry=${REGISTRY}`, '--set-string', `global.imageTag=${revision}`];
    const rendered = await run('helm', ['template', 'wave', 'charts/wave-connect', ...values, ...set]);
    assert.equal(tags.length, 5);
    // Skaffold marks what git has not.
    for (const tag of tags) assert.ok(rendered.includes(`image: ${tag.replace(/-dirty$/, '')}\n`), tag);
  });
});
