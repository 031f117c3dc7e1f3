import {
  closed,
  extraObjects,
  flag,
  free,
  integer,
  labels,
  list,
  name,
  oneOf,
  peers,
  quantity,
  resources,
  type Schema,
  scalar,
  text,
} from './shapes.ts';

/** Those that Strimzi 1.2 supports; its resource definitions take any. */
const VERSIONS = ['4.2.0', '4.2.1', '4.3.0', '4.3.1'];
const config: Schema = { type: 'object', additionalProperties: scalar };

export const kafkaValues: Record<string, Schema> = {
  enabled: flag,
  commonLabels: labels,
  commonAnnotations: labels,
  version: oneOf(...VERSIONS),
  replicas: integer(1),
  paused: flag,
  storage: closed({ class: text, size: quantity, deleteClaim: flag }),
  resources,
  jvmOptions: free,
  config,
  podTemplate: free,
  metricsConfig: free,
  entityOperator: closed({ resources }),
  topics: {
    type: 'object',
    additionalProperties: closed({ partitions: integer(1), config }, { required: ['partitions'] }),
  },
  topicConfig: config,
  users: {
    type: 'object',
    additionalProperties: closed({
      publishes: list(name),
      consumes: list(name),
      replicaGroups: flag,
      existingSecret: text,
    }),
  },
  networkPolicy: closed({ extraPeers: peers }),
  extraObjects,
};
