import {
  closed,
  extraObjects,
  flag,
  free,
  integer,
  list,
  name,
  oneOf,
  peers,
  resources,
  type Schema,
  tag,
  text,
} from './shapes.ts';

/** What the charts share. */
export const globalValues = closed({
  imageRegistry: text,
  imagePullSecrets: list(name),
  imageTag: tag,
  renderOnly: flag,
  postgres: closed({ imageRegistry: text }),
  jwt: closed({ existingSecret: text, secret: text, previousSecret: text }),
  kafka: closed({
    cluster: text,
    external: closed({
      brokers: list({ type: 'string', pattern: '^[^\\s:/@,]+(:[0-9]{1,5})?$' }),
      tls: closed({ enabled: flag, existingSecret: text }),
      sasl: closed({ mechanism: oneOf('scram-sha-512', 'scram-sha-256'), existingSecret: text }),
      peers,
    }),
  }),
  networkPolicy: closed({ enabled: flag, dnsPeers: peers }),
});

/** Charts within have schemas of their own. */
export const umbrellaValues: Record<string, Schema> = {
  tags: closed({ standalone: flag }),
  events: closed({
    wait: closed({ enabled: flag, timeoutSeconds: integer(1, 3_600), resources }),
  }),
  tests: closed({ timeoutMs: integer(1_000, 600_000), resources }),
  extraObjects,
  ...Object.fromEntries(['gateway', 'auth', 'chat', 'feed', 'profile', 'kafka'].map((chart) => [chart, free])),
};
