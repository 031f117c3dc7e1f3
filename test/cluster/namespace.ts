import { kubectl } from './kubectl.ts';

/** Makes a namespace that enforces the Pod Security Standard `restricted`, anew where it is there. */
export async function makeNamespace(name: string): Promise<void> {
  await removeNamespace(name);
  await kubectl(['create', 'namespace', name]);
  await kubectl(['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted']);
}

/** With all that is in it, its volumes too. */
export async function removeNamespace(name: string): Promise<void> {
  await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--wait']);
}
