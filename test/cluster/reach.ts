import { execute } from './kubectl.ts';

/** Somewhere a connection may be tried to; `address` is an IP address, for names may not be resolved everywhere. */
export type Target = { name: string; address: string; port: number };

/** Policies drop packets, so a connection that is not to be waits for ever. */
const TRY_S = 3;

/** Names of the targets that a pod can open a TCP connection to. Its image needs bash. */
export async function reachable(namespace: string, pod: string, targets: readonly Target[]): Promise<string[]> {
  const tries = targets.map(
    ({ name, address, port }) =>
      `(timeout ${TRY_S} bash -c '</dev/tcp/${address}/${port}' 2>/dev/null && echo '${name}'; true) &`,
  );
  const output = await execute(namespace, pod, [...tries, 'wait'].join('\n'));
  return output.split('\n').filter(Boolean).sort();
}
