import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { run } from '../support/command.ts';
import { Person } from '../support/person.ts';
import { untilEventsFlow } from './events.ts';
import { list } from './kubectl.ts';
import { everythingIn } from './leftovers.ts';
import { forwardPort, type PortForward } from './port-forward.ts';
import type { Release } from './release.ts';

const GONE = { deadlineMs: 120_000, everyMs: 1_000 };
const EVENTS = { deadlineMs: 180_000, everyMs: 1_000 };

/** Tests what an uninstall leaves, and that a release can be installed over it. */
export function testReinstall(release: () => Release): void {
  describe('uninstalled, and installed again', () => {
    let ada: Person;
    const isClaim = (name: string) => name.startsWith('PersistentVolumeClaim/');
    const left = async () => (await everythingIn(release().namespace)).filter(isClaim);

    async function forwarded<T>(work: (url: string) => Promise<T>): Promise<T> {
      let forward: PortForward | undefined;
      try {
        forward = await forwardPort(release().namespace, `service/${release().name}-gateway`, 80);
        return await work(`http://127.0.0.1:${forward.port}`);
      } finally {
        await forward?.close();
      }
    }

    test('uninstalling leaves its volumes and nothing else', async () => {
      ada = await forwarded(Person.join);
      await release().uninstall();
      const onlyClaims = async () => (await everythingIn(release().namespace)).every(isClaim);
      await waitFor('all but claims to go', onlyClaims, GONE);
      const { name } = release();
      const expected = ['auth', 'chat', 'feed', 'profile'].map((service) => `data-${name}-${service}-db-0`);
      const claims = await left();
      for (const claim of [...expected, `${name}-feed-backup`])
        assert.ok(claims.includes(`PersistentVolumeClaim/${claim}`), claim);
      assert.ok(claims.some((claim) => claim.includes('kafka')));
    });

    test("over Kafka's volumes the install is refused, says why and changes nothing", async () => {
      const before = await left();
      const error = await release()
        .install()
        .then(() => undefined, String);
      assert.match(error ?? 'installed', /kubectl .*delete pvc/);
      assert.deepEqual(await left(), before);
      assert.deepEqual(await list(release().namespace, 'deployments,kafkas'), []);
      const [, command = ''] = /^\s*(kubectl .*delete pvc.*)$/m.exec(error ?? '') ?? [];
      await run('bash', ['-c', command]);
    });

    test('after the command that it named it installs, events flow, and what people had is there', async () => {
      await release().install();
      await forwarded(async (url) => {
        const again = ada.at(url);
        assert.equal((await again.logIn()).status, 202);
        assert.equal((await again.get('auth/id/')).body.email, ada.email);
        await untilEventsFlow(url, EVENTS);
      });
    });
  });
}
