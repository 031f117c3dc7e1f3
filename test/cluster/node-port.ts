import { waitFor } from '@wave-connect/dev-env/waiting';
import { apply, get, kubectl } from './kubectl.ts';
import type { Release } from './release.ts';

/** Every node has to hear of it. */
const OPEN_MS = 60_000;
const NAME = 'gateway-of-tests';

/**
 * Opens a port of every node that leads to the release's gateway, whichever pods it has at the time: a port-forward would
 * stay with one of them.
 * @returns its URL, which this machine reaches where it reaches the nodes
 */
export async function openNodePort({ name, namespace }: Release): Promise<string> {
  const selector = {
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/name': 'gateway',
    'app.kubernetes.io/component': 'service',
  };
  const ports = [{ name: 'http', port: 80, targetPort: 'http' }];
  await apply(namespace, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: NAME },
    spec: { type: 'NodePort', selector, ports },
  });
  const { spec } = await get(namespace, 'service', NAME);
  const nodes = await kubectl(['get', 'nodes', '-o', 'json']);
  const addresses: { type: string; address: string }[] = JSON.parse(nodes).items[0].status.addresses;
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address;
  const url = `http://${address}:${spec.ports[0].nodePort}`;
  await waitFor(`the port ${url}`, async () => (await fetch(`${url}/livez`)).ok, { deadlineMs: OPEN_MS, everyMs: 250 });
  return url;
}

export const closeNodePort = ({ namespace }: Release): Promise<string> =>
  kubectl(['delete', 'service', NAME, '-n', namespace]);
