import { list } from './kubectl.ts';
import type { Release } from './release.ts';

/** The Secrets that the chart itself has made, by name; Helm's own records and Strimzi's are others'. */
export async function generatedSecrets({ name, namespace }: Release): Promise<Record<string, Record<string, string>>> {
  const selector = `app.kubernetes.io/instance=${name},app.kubernetes.io/part-of=wave-connect`;
  const secrets = await list(namespace, 'secrets', selector);
  return Object.fromEntries(secrets.map(({ metadata, data }) => [metadata.name, data]));
}
