import { placement } from './service.ts';
import {
  closed,
  flag,
  free,
  image,
  integer,
  labels,
  list,
  name,
  peers,
  port,
  probeTimings,
  quantity,
  resources,
  type Schema,
  scalar,
  text,
} from './shapes.ts';

const claim = { storageClass: text, accessModes: { ...list(name), minItems: 1 }, size: quantity, existingClaim: text };

/** The values that services with a database have besides. */
export const dataValues: Record<string, Schema> = {
  networkPolicy: closed({
    callers: { type: 'object', additionalProperties: list(name) },
    calls: list(name),
    extraIngress: list(),
    extraEgress: list(),
  }),
  migrate: closed({
    backoffLimit: integer(0),
    ttlSecondsAfterFinished: integer(600),
    annotations: labels,
    resources,
  }),
  kafka: closed({ existingSecret: text }),
  postgres: closed({
    enabled: flag,
    image,
    auth: closed({
      username: name,
      database: name,
      password: text,
      existingSecret: text,
      passwordKey: name,
      rotationDelaySeconds: integer(0, 3_600),
      resources,
    }),
    parameters: { type: 'object', additionalProperties: scalar },
    persistence: closed({ enabled: flag, ...claim, annotations: labels }),
    resources,
    podSecurityContext: free,
    securityContext: free,
    startupProbe: probeTimings,
    readinessProbe: probeTimings,
    livenessProbe: probeTimings,
    terminationGracePeriodSeconds: integer(1),
    ...placement,
    extraPeers: peers,
    backup: closed({
      enabled: flag,
      schedule: { type: 'string', pattern: '^(@\\w+|\\S+( \\S+){4})$' },
      keepDays: integer(1),
      persistence: closed(claim),
      resources,
    }),
  }),
  externalPostgres: closed({
    host: text,
    port,
    username: name,
    database: name,
    existingSecret: text,
    passwordKey: name,
    urlKey: text,
    peers,
  }),
};
