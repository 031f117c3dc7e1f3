import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../support/buses.ts';
import { Person } from '../support/person.ts';
import { kubectl, untilCondition } from './kubectl.ts';
import { forwardPort, type PortForward } from './port-forward.ts';
import type { Release } from './release.ts';

/** Tests backup and restore, by the commands that the chart's README has. */
export function testRestore(release: () => Release): void {
  describe('a backup', () => {
    let ada: Person;
    let post: string;

    let forward: PortForward;

    before(async () => {
      const { name, namespace } = release();
      await release().upgrade({ 'feed.postgres.backup.enabled': true });
      forward = await forwardPort(namespace, `service/${name}-gateway`, 80);
      ada = await Person.join(`http://127.0.0.1:${forward.port}`);
    });
    after(() => forward?.close());

    async function runJob(job: string, cronJob: string): Promise<void> {
      const { namespace } = release();
      await kubectl(['create', 'job', job, '-n', namespace, `--from=cronjob/${cronJob}`]);
      await untilCondition(namespace, `job/${job}`, 'condition=Complete');
    }
    async function scaleFeed(replicas: number): Promise<void> {
      const { name, namespace } = release();
      await kubectl(['scale', `deployment/${name}-feed`, '-n', namespace, `--replicas=${replicas}`]);
      await kubectl(['rollout', 'status', `deployment/${name}-feed`, '-n', namespace, '--timeout=5m']);
    }

    test('is written to a volume of its own', async () => {
      const { body } = await ada.ask('POST', 'feed/', { text: 'worth keeping' });
      post = body.id;
      await runJob('backup-now', `${release().name}-feed-backup`);
    });

    test('brings back what was deleted after it', async () => {
      assert.equal((await ada.ask('DELETE', `feed/${post}`)).status, 204);
      assert.equal((await ada.get(`feed/${post}`)).status, 404);
      await scaleFeed(0);
      await runJob('restore-1', `${release().name}-feed-restore`);
      await scaleFeed(1);
      await waitFor('feed to respond', async () => (await ada.get(`feed/${post}`)).status === 200, EVENTUALLY);
      assert.equal((await ada.get(`feed/${post}`)).body.text, 'worth keeping');
    });
  });
}
