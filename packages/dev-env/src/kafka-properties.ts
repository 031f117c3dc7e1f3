/** One more port for clients of one kind, who are told to come back to `advertisedPort`, a proxy's for one. */
export type KafkaListener = { name: string; port: number; advertisedPort: number };

/** server.properties of a single node that is broker and controller in one, on loopback. */
export function kafkaProperties(
  port: number,
  controllerPort: number,
  logDir: string,
  more: readonly KafkaListener[] = [],
): string {
  const clients = [{ name: 'PLAINTEXT', port, advertisedPort: port }, ...more];
  const listeners = clients.map((listener) => `${listener.name}://127.0.0.1:${listener.port}`);
  const advertised = clients.map(({ name, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort}`);
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join(),
    'advertised.listeners': advertised.join(),
    'listener.security.protocol.map': ['CONTROLLER', ...clients.map(({ name }) => name)]
      .map((name) => `${name}:PLAINTEXT`)
      .join(),
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
