import {
  closed,
  extraObjects,
  flag,
  free,
  image,
  integer,
  labels,
  list,
  name,
  oneOf,
  orNull,
  peers,
  port,
  probe,
  resources,
  type Schema,
  scalar,
  text,
} from './shapes.ts';

const share: Schema = { anyOf: [integer(0), { type: 'string', pattern: '^[0-9]+%$' }] };
const percentage = orNull(integer(1, 1000));

const rollout = {
  podAnnotations: labels,
  podLabels: labels,
  priorityClassName: text,
  nodeSelector: labels,
  tolerations: list(),
  affinity: free,
  extraVolumes: list(),
  extraVolumeMounts: list(),
};

/** Where pods run and what they carry. */
export const placement: Record<string, Schema> = rollout;

/** The values that all services have. `variables` are the names of the environment that `env` may set, `ports` what it listens to besides. */
export const serviceValues = (variables: string[], ports: Record<string, Schema> = {}): Record<string, Schema> => ({
  fullnameOverride: { type: 'string', maxLength: 48 },
  commonLabels: labels,
  commonAnnotations: labels,
  replicaCount: integer(0),
  image,
  imagePullSecrets: list(name),
  env: closed(Object.fromEntries(variables.map((variable) => [variable, scalar]))),
  extraEnv: list(),
  extraEnvFrom: list(),
  containerPorts: closed({ http: port, metrics: port, ...ports }),
  service: closed({
    type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer'),
    port,
    nodePort: orNull(port),
    loadBalancerClass: text,
    annotations: labels,
  }),
  shutdown: closed({ delayMs: integer(0, 60_000), deadlineMs: integer(1_000, 600_000) }),
  terminationGracePeriodSeconds: integer(1),
  startupProbe: probe,
  readinessProbe: probe,
  livenessProbe: probe,
  resources,
  podSecurityContext: free,
  securityContext: free,
  serviceAccount: closed({ create: flag, name: text, annotations: labels }),
  ...rollout,
  topologySpreadConstraints: list(),
  updateStrategy: free,
  revisionHistoryLimit: integer(0),
  autoscaling: closed({
    enabled: flag,
    minReplicas: integer(1),
    maxReplicas: integer(1),
    targetCPUUtilizationPercentage: percentage,
    targetMemoryUtilizationPercentage: percentage,
    metrics: list(),
    behavior: free,
    keda: closed({
      enabled: flag,
      serverAddress: { type: 'string', pattern: '^(https?://.+)?$' },
      pollingInterval: integer(1),
      triggers: list(),
    }),
  }),
  podDisruptionBudget: closed({ enabled: flag, minAvailable: orNull(share), maxUnavailable: orNull(share) }),
  metrics: closed({
    serviceMonitor: closed({
      enabled: flag,
      interval: name,
      scrapeTimeout: name,
      labels,
      relabelings: list(),
    }),
    from: { ...peers, minItems: 1 },
  }),
  extraInitContainers: list(),
  extraContainers: list(),
  extraObjects,
  watch: closed({ enabled: flag }),
});

/** Of those that hold WebSockets, by which they scale. */
export const webSocketValues: Record<string, Schema> = {
  webSockets: closed({ metric: name, target: orNull(integer(1)) }),
};
