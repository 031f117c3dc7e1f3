import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Person } from '../support/person.ts';
import { kubectl, untilCondition } from './kubectl.ts';
import { forwardPort } from './port-forward.ts';
import type { Release } from './release.ts';

/** Tests backup and restore, by the commands that the chart's README has. */
export function testRestore(release: () => Release): void {
  describe('a backup', () => {
    let ada: Person;
    let post: string;

    /** Ways to a pod end with it, so each use has its own. */
    async function withGateway<T>(work: (url: string) => Promise<T>): Promise<T> {
      const { name, namespace } = release();
      const forward = await forwardPort(namespace, `service/${name}-gateway`, 80);
      try {
        return await work(`http://127.0.0.1:${forward.port}`);
      } finally {
        await forward.close();
      }
    }
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
      await release().upgrade({ 'feed.postgres.backup.enabled': true });
      await withGateway(async (url) => {
        ada = await Person.join(url);
        const { body } = await ada.ask('POST', 'feed/', { text: 'worth keeping' });
        post = body.id;
      });
      await runJob('backup-now', `${release().name}-feed-backup`);
    });

    test('brings back what was deleted after it', async () => {
      await withGateway(async () => {
        assert.equal((await ada.ask('DELETE', `feed/${post}`)).status, 204);
        assert.equal((await ada.get(`feed/${post}`)).status, 404);
      });
      await scaleFeed(0);
      await runJob('restore-1', `${release().name}-feed-restore`);
      await scaleFeed(1);
      await withGateway(async () => assert.equal((await ada.get(`feed/${post}`)).body.text, 'worth keeping'));
    });
  });
}
