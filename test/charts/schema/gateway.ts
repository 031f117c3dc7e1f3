import { closed, flag, labels, list, name, peers, port, type Schema, text } from './shapes.ts';

const behind = closed({ url: { type: 'string', pattern: '^(https?://.+)?$' }, port });

/** The values that the gateway has besides. */
export const gatewayValues: Record<string, Schema> = {
  networkPolicy: closed({ from: peers, extraIngress: list(), extraEgress: list() }),
  services: closed({ auth: behind, chat: behind, feed: behind, profile: behind }),
  rateLimitStore: closed({ existingSecret: text, key: name }),
  ingress: closed({
    enabled: flag,
    className: text,
    annotations: labels,
    hosts: list(name),
    tls: list(closed({ secretName: name, hosts: list(name) })),
  }),
  httpRoute: closed({
    enabled: flag,
    parentRefs: list(
      closed({ name, namespace: name, sectionName: name, group: name, kind: name, port }, { required: ['name'] }),
    ),
    hostnames: list(name),
    annotations: labels,
  }),
};
