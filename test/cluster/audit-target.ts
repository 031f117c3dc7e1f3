import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { DATA_SERVICES, type DataServiceName } from '@wave-connect/dev-env/system';
import type { ISocketFactory } from 'kafkajs';
import type { Target } from '../faults/audit/facts.ts';
import { apply, kubectl, readSecret, untilCondition } from './kubectl.ts';
import { forwardPort, type PortForward } from './port-forward.ts';
import type { Release } from './release.ts';

const KAFKA_PORT = 9093;
const POSTGRES_PORT = 5432;

/** Somebody who may read every topic, which none of the chart's users may. */
const auditor = (cluster: string, name: string) => {
  const all = (type: string, operations: string[]) => ({
    resource: { type, name: '*', patternType: 'literal' },
    operations,
  });
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: { name, labels: { 'strimzi.io/cluster': cluster } },
    spec: {
      authentication: { type: 'scram-sha-512' },
      authorization: {
        type: 'simple',
        acls: [all('topic', ['Read', 'Describe']), all('group', ['Read', 'Describe', 'Delete'])],
      },
    },
  };
};

/**
 * Opens ways to a release's databases and to its one broker, for an audit, and closes them behind it. `url` is that of
 * the gateway.
 */
export async function withAuditTarget<T>(
  { name, namespace }: Release,
  url: string,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const cluster = `${name}-kafka`;
  const user = `${cluster}-auditor`;
  const open: PortForward[] = [];
  const forward = async (target: string, port: number) => {
    open.push(await forwardPort(namespace, target, port));
    return open.at(-1)?.port as number;
  };
  try {
    await apply(namespace, auditor(cluster, user));
    await untilCondition(namespace, `kafkauser/${user}`, 'condition=Ready');
    const { password = '' } = await readSecret(namespace, user);
    const { 'ca.crt': ca = '' } = await readSecret(namespace, `${cluster}-cluster-ca-cert`);
    const broker = await forward(`service/${cluster}-kafka-bootstrap`, KAFKA_PORT);
    const urls = new Map<DataServiceName, string>();
    for (const service of DATA_SERVICES) {
      const { password: secret = '' } = await readSecret(namespace, `${name}-${service}-db`);
      const port = await forward(`pod/${name}-${service}-db-0`, POSTGRES_PORT);
      urls.set(service, `postgres://${service}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${service}_db`);
    }
    return await work({
      url,
      eventsUrl: `kafka://${cluster}-kafka-bootstrap.${namespace}.svc:${KAFKA_PORT}`,
      kafkaClient: {
        ssl: { ca: [ca] },
        sasl: { mechanism: 'scram-sha-512', username: user, password },
        socketFactory: through(broker),
      },
      databaseUrl: (service) => urls.get(service) ?? '',
    });
  } finally {
    await Promise.all(open.map((port) => port.close()));
    await kubectl(['delete', 'kafkauser', user, '-n', namespace, '--ignore-not-found']);
  }
}

/** Whatever broker a client asks for is behind this port of ours; its certificate is held against the name all the same. */
const through =
  (port: number): ISocketFactory =>
  ({ host, ssl, onConnect }) => {
    if (!ssl) return connect({ host: '127.0.0.1', port }, onConnect);
    return connectTls({ ...ssl, host: '127.0.0.1', port, servername: host }, onConnect);
  };
