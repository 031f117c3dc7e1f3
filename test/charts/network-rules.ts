import type { Pod } from './pods.ts';
import type { Resource } from './rendered.ts';

type Labels = Record<string, string>;
type Selector = { matchLabels?: Labels; matchExpressions?: { key: string; operator: string; values: string[] }[] };
type Peer = { podSelector?: Selector; namespaceSelector?: Selector; ipBlock?: object };
type Rule = { from?: Peer[]; to?: Peer[]; ports?: { port: number | string }[] };
type Direction = { type: 'Ingress' | 'Egress'; rules: 'ingress' | 'egress'; peers: 'from' | 'to' };

const INGRESS: Direction = { type: 'Ingress', rules: 'ingress', peers: 'from' };
const EGRESS: Direction = { type: 'Egress', rules: 'egress', peers: 'to' };

/** Whether the policies let a pod open a connection to another one's port of that name. */
export const reaches = (policies: Resource[], from: Pod, to: Pod, port: string): boolean =>
  allowed(policies, EGRESS, from, to, portsOf(to, port)) && allowed(policies, INGRESS, to, from, portsOf(to, port));

/** A pod that no policy selects is open; else one rule of any that does must fit. */
function allowed(policies: Resource[], side: Direction, pod: Pod, other: Pod, ports: (number | string)[]): boolean {
  const about = policies.filter(
    ({ spec }) => spec.policyTypes.includes(side.type) && matches(spec.podSelector, pod.labels),
  );
  if (about.length === 0) return true;
  const rules: Rule[] = about.flatMap(({ spec }) => spec[side.rules] ?? []);
  return rules.some(
    (rule) =>
      (rule.ports?.some(({ port }) => ports.includes(port)) ?? true) &&
      (rule[side.peers]?.some((peer) => isPeer(peer, other)) ?? true),
  );
}

/** All pods here share a namespace, so what names another namespace or an address is none of them. */
const isPeer = (peer: Peer, pod: Pod): boolean =>
  peer.podSelector !== undefined && peer.namespaceSelector === undefined && matches(peer.podSelector, pod.labels);

const matches = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''));

/** A port's name and number: rules may say either. */
function portsOf(pod: Pod, name: string): (number | string)[] {
  const ports = pod.spec.containers.flatMap(
    (container: { ports?: { name: string; containerPort: number }[] }) => container.ports ?? [],
  );
  return ports
    .filter((port: { name: string }) => port.name === name)
    .flatMap((port: { name: string; containerPort: number }) => [port.name, port.containerPort]);
}
