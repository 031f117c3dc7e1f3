import { type CommandOptions, run } from '../support/command.ts';

/** A Kubernetes resource, as loosely as these tests read it. */
// biome-ignore lint/suspicious/noExplicitAny: the API server has checked them
export type Resource = { kind: string; metadata: any; spec: any; status: any; data: Record<string, string> };

/** Some commands wait by themselves for what they bring about. */
const TIMEOUT_MS = 900_000;

/** Runs kubectl against the cluster that the current context names. */
export const kubectl = (args: readonly string[], options: CommandOptions = {}): Promise<string> =>
  run('kubectl', args, { timeoutMs: TIMEOUT_MS, ...options });

/** Lists resources of one or more kinds, divided by commas, in a namespace; `selector` is one of labels. */
export async function list(namespace: string, kinds: string, selector = ''): Promise<Resource[]> {
  const text = await kubectl(['get', kinds, '-n', namespace, '-o', 'json', ...(selector ? ['-l', selector] : [])]);
  return JSON.parse(text).items;
}

export async function get(namespace: string, kind: string, name: string): Promise<Resource> {
  return JSON.parse(await kubectl(['get', kind, name, '-n', namespace, '-o', 'json']));
}

/** Selects the pods that are there for good: not those of Jobs. */
export const longLived = 'app.kubernetes.io/component notin (migrate,test,events-check)';

/** Whether a pod is ready, by its conditions. */
export const isReady = ({ status }: Resource): boolean =>
  (status.conditions ?? []).some(
    ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True',
  );

/** Creates or changes resources of a namespace. */
export async function apply(namespace: string, ...resources: object[]): Promise<void> {
  const all = { apiVersion: 'v1', kind: 'List', items: resources };
  await kubectl(['apply', '-n', namespace, '-f', '-'], { input: JSON.stringify(all) });
}

/** What a Secret holds, as text. */
export async function readSecret(namespace: string, name: string): Promise<Record<string, string>> {
  const { data = {} } = await get(namespace, 'secret', name);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** Runs a shell script in the first container of a pod, or of one of a Deployment's as `deployment/name`. */
export const execute = (namespace: string, target: string, script: string): Promise<string> =>
  kubectl(['exec', '-n', namespace, target, '--', 'bash', '-c', script]);

/** Waits for what `kubectl wait` knows how to wait for; `what` may be several words. */
export const untilCondition = (namespace: string, what: string, condition: string, timeout = '5m'): Promise<string> =>
  kubectl(['wait', ...what.split(' '), '-n', namespace, `--for=${condition}`, `--timeout=${timeout}`]);

/** Changes keys of a Secret, given as text, and leaves its others. */
export const patchSecret = (namespace: string, name: string, stringData: Record<string, string>): Promise<string> =>
  kubectl(['patch', 'secret', name, '-n', namespace, '--type=merge', '-p', JSON.stringify({ stringData })]);
