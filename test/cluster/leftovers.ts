import { kubectl, list } from './kubectl.ts';

/** What Kubernetes itself keeps in every namespace, and what passes by itself. */
const OF_KUBERNETES = /^(ConfigMap\/kube-root-ca\.crt|ServiceAccount\/default|Event\/|EndpointSlice\/|Endpoints\/)/;

/** All that there is in a namespace, as `Kind/name`, in order. */
export async function everythingIn(namespace: string): Promise<string[]> {
  const kinds = (await kubectl(['api-resources', '--namespaced', '--verbs=list', '--output=name'])).trim().split('\n');
  const resources = await list(namespace, kinds.join(','));
  const names = resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  return [...new Set(names)].filter((name) => !OF_KUBERNETES.test(name)).sort();
}
