import assert from 'node:assert/strict';
import { type WaitOptions, waitFor } from '@wave-connect/dev-env/waiting';
import { Person } from '../support/person.ts';
import { kubectl, list } from './kubectl.ts';
import type { Release } from './release.ts';

/** Waits until what auth publishes reaches profile: a new account has its profile. */
export async function untilEventsFlow(url: string, options: WaitOptions): Promise<void> {
  const person = await Person.join(url);
  await waitFor('a profile by event', async () => (await person.get(`profile/${person.id}`)).status === 200, options);
}

/** Deletes the pod of the release's one broker, which its controller starts again. */
export async function deleteKafkaPod({ name, namespace }: Release): Promise<void> {
  const [pod] = await list(namespace, 'pods', `strimzi.io/name=${name}-kafka-kafka`);
  assert.ok(pod, 'a pod of Kafka');
  await kubectl(['delete', 'pod', pod.metadata.name, '-n', namespace]);
}
