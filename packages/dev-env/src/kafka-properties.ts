/** One more port for clients of one kind, who are told to come back to `advertisedPort`, a proxy's for one. */
export type KafkaListener = {
  name: string;
  port: number;
  advertisedPort: number;
  /** Its clients come by TLS, and log in by SCRAM-SHA-512; the keystore is the broker's, in PKCS #12. */
  secured?: { keystore: string; password: string };
};

/** server.properties of a single node that is broker and controller in one, on loopback. */
export function kafkaProperties(
  port: number,
  controllerPort: number,
  logDir: string,
  more: readonly KafkaListener[] = [],
): string {
  const clients: KafkaListener[] = [{ name: 'PLAINTEXT', port, advertisedPort: port }, ...more];
  const listeners = clients.map((listener) => `${listener.name}://127.0.0.1:${listener.port}`);
  const advertised = clients.map(({ name, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort}`);
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join(),
    'advertised.listeners': advertised.join(),
    'listener.security.protocol.map': [{ name: 'CONTROLLER', secured: undefined }, ...clients]
      .map(({ name, secured }) => `${name}:${secured ? 'SASL_SSL' : 'PLAINTEXT'}`)
      .join(),
    ...Object.assign({}, ...more.map(securityOf)),
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logDir,
    'auto.create.topics.enable': false,
    // A node that was killed may come back once its last session is over, by default after 9 s.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function securityOf({ name, secured }: KafkaListener): Record<string, string> {
  if (!secured) return {};
  const settings = {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': secured.keystore,
    'ssl.keystore.password': secured.password,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  };
  const prefix = `listener.name.${name.toLowerCase()}`;
  return Object.fromEntries(Object.entries(settings).map(([setting, value]) => [`${prefix}.${setting}`, value]));
}
