import { randomUUID } from 'node:crypto';
import type { Payloads } from '@wave-connect/contracts/topics.ts';
import { withClient } from '@wave-connect/dev-env/postgres';
import { isAlive, type Part } from '@wave-connect/dev-env/processes';
import { DATA_SERVICES, type DataServiceName, SERVICES } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type Message, Partitioners } from 'kafkajs';
import { count } from '../support/database.ts';
import { createKafka, readMessages } from '../support/kafka.ts';
import { Person } from '../support/person.ts';
import type { Random } from '../support/random.ts';
import type { Ability, Cluster, Unavailable } from './cluster/cluster.ts';
import type { Link } from './cluster/links.ts';
import { untilReady } from './cluster/replicas.ts';

/** A fault that has been brought about. */
export type Injected = {
  /** 'kill -9 auth[1]'. */
  what: string;
  /** Undoes it; resolves when the parts that it hurt are on their way up. A second time does no harm. */
  heal(): Promise<void>;
};

export type Fault = {
  name: string;
  /** How often it is drawn compared to others, 1 when not given; 0 leaves it at the once that each fault is due. */
  weight?: number;
  /** How long it has to last to be what its name says, in ms. */
  holdMs?: number;
  /** What of the machine it stands on; it cannot be brought about where the cluster lacks that. */
  needs?: Ability;
  /** Parts that it may hurt: names of services, 'postgres', 'kafka'. Faults with none in common may overlap. */
  hurts: readonly string[];
  /** @throws where it could not be brought about; what it had begun is undone */
  inject(cluster: Cluster, random: Random): Promise<Injected>;
};

type Choice = { what: string; begin(): Promise<unknown>; heal(): Promise<unknown> };

/** `choose` says what is to be hurt this time; nothing has been done by then. */
const fault = (
  name: string,
  hurts: readonly string[],
  choose: (cluster: Cluster, random: Random) => Choice,
  more: Pick<Fault, 'weight' | 'holdMs' | 'needs'> = {},
): Fault => ({
  name,
  hurts,
  ...more,
  async inject(cluster, random) {
    const { what, begin, heal } = choose(cluster, random);
    try {
      await begin();
    } catch (error) {
      await heal();
      throw error;
    }
    return { what, heal: async () => void (await heal()) };
  },
});

/** Starts a part that is down; one that has come back already is left alone. */
async function startAgain(part: Part): Promise<void> {
  if (!isAlive(part.pid)) await part.restart();
}

const kill = (name: string, part: Part): Choice => ({
  what: `kill -9 ${name}`,
  begin: () => part.kill(),
  heal: () => startAgain(part),
});

const freeze = (name: string, part: Part): Choice => ({
  what: `SIGSTOP ${name}`,
  begin: async () => part.pause(),
  heal: async () => part.resume(),
});

const CONSUMERS = ['profile', 'feed'] as const;
const ANY_POSTGRES = [...DATA_SERVICES, 'postgres'];
const ANY_LINK = [...SERVICES, 'postgres', 'kafka'];
/** Of a response, in ms. */
const LATENCY = { min: 200, max: 1_500 };
const FROZEN_MS = 30_000;
const HOUR_S = 3_600;

const anyReplica = ({ replicas }: Cluster, random: Random) => random.pick(replicas[random.pick(SERVICES)]);

const restartAllConsumers = ({ replicas }: Cluster, random: Random): Choice => {
  const name = random.pick(CONSUMERS);
  return {
    what: `SIGTERM and restart of every ${name}`,
    async begin() {
      for (const replica of replicas[name]) {
        await replica.restart();
        await untilReady(replica);
      }
    },
    heal: () => Promise.all(replicas[name].map(startAgain)),
  };
};

const fillDisk = (cluster: Cluster, random: Random): Choice => {
  const name = random.pick(DATA_SERVICES);
  return {
    what: `no room left for postgres ${name}`,
    begin: () => cluster.fillDisk(name),
    heal: () => cluster.freeDisk(name),
  };
};

const hurtLink =
  (verb: string, hurt: (link: Link, random: Random) => Promise<void>) =>
  ({ links }: Cluster, random: Random): Choice => {
    const link = random.pick(links);
    return { what: `${verb} ${link.name}`, begin: () => hurt(link, random), heal: () => link.heal() };
  };

function slow(link: Link, random: Random): Promise<void> {
  const latency = random.between(LATENCY.min, LATENCY.max);
  return link.slow(latency, latency >> 1);
}

const moveClock =
  (where: string, offsetSeconds: number) =>
  (cluster: Cluster, random: Random): Choice => {
    const replica = anyReplica(cluster, random);
    const set = (offset: number) => () => cluster.setClock(replica, offset);
    return { what: `the clock of ${replica.part} ${where}`, begin: set(offsetSeconds), heal: set(0) };
  };

const TOPICS = ['user-registered', 'user-deleted', 'session-revoked', 'profile-updates', 'chat-messages'] as const;
const AGAIN_OF_EACH_PARTITION = 5;
/** In every poison event's value or key, so that an audit knows it among the dead letters. */
const POISON = 'poison';

async function publish(brokers: Cluster, topic: string, messages: Message[]): Promise<void> {
  const options = { allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner };
  const producer = createKafka(brokers).producer(options);
  await producer.connect();
  try {
    await producer.send({ topic, messages });
  } finally {
    await producer.disconnect();
  }
}

const deliverAgain = (cluster: Cluster, random: Random): Choice => ({
  what: 'the last events of every topic again, shuffled',
  async begin() {
    const topics = [...(await readMessages(cluster, TOPICS, { last: AGAIN_OF_EACH_PARTITION }))]
      .map(([topic, messages]) => ({ topic, sound: messages.filter(({ value }) => !value?.includes(POISON)) }))
      .filter(({ sound }) => sound.length > 0);
    if (topics.length === 0) throw new Error('there is no event yet to deliver again');
    for (const { topic, sound } of topics) {
      const asTheyCame = sound.map(({ key, value, headers = {} }) => ({ key, value, headers }));
      await publish(cluster, topic, random.shuffle(asTheyCame));
    }
  },
  heal: async () => {},
});

const poison = (cluster: Cluster): Choice => ({
  what: 'events that no consumer can handle, into every topic',
  async begin() {
    for (const topic of TOPICS) await publish(cluster, topic, poisonFor(topic));
  },
  heal: async () => {},
});

/** No JSON, JSON of another shape, and a sound value without the headers that make it an event. */
function poisonFor(topic: (typeof TOPICS)[number]): Message[] {
  const [user_id, id] = [randomUUID(), randomUUID()];
  const sound: Payloads = {
    'user-registered': { user_id },
    'user-deleted': { user_id },
    'session-revoked': { user_id, session_id: id },
    'profile-updates': { user_id, username: null, bio: '', avatar_etag: null },
    'chat-messages': { id, text: '', sender: user_id, receiver: randomUUID(), time_sent: new Date().toISOString() },
  };
  const key = () => `${POISON}-${randomUUID()}`;
  const headers = () => ({ ce_id: randomUUID(), ce_type: topic, ce_source: '/faults', ce_sequence: '0' });
  return [
    { key: key(), headers: headers(), value: `{"${POISON}": ` },
    { key: key(), headers: headers(), value: `{"${POISON}": true}` },
    { key: key(), value: JSON.stringify({ ...sound[topic], [POISON]: true }) },
  ];
}

const WINDOW_DEADLINE_MS = 20_000;
const EVENTS_WAITING = 'SELECT count(*) FROM outbox';
const EFFECTS = 'SELECT count(*) FROM processed_events';
const EFFECTS_HELD_UP = `SELECT count(*) FROM pg_locks WHERE relation = 'processed_events'::regclass AND NOT granted`;

/** What makes an event where the load at hand makes none: a registration, or a message between two new people. */
const provoke = {
  auth: (url: string) => Person.register(url),
  chat: async (url: string) => {
    const [sender, { person: receiver }] = await Promise.all([Person.join(url), Person.register(url)]);
    return sender.ask('POST', 'chat', { receiver: receiver.id, text: 'a fault' });
  },
};

/** Kills all replicas of a service at a moment that `open` brings about, with its link to Kafka broken. */
function killInWindow(
  cluster: Cluster,
  service: DataServiceName,
  { what, open }: { what: string; open(link: Link): Promise<void> },
): Choice {
  const replicas = cluster.replicas[service];
  const link = cluster.link(`${service} → kafka`);
  return {
    what,
    async begin() {
      await open(link);
      await Promise.all(replicas.map((replica) => replica.kill()));
    },
    async heal() {
      await link.heal();
      await Promise.all(replicas.map(startAgain));
    },
  };
}

/** The window between the commit of a change and the publishing of its event. */
const beforePublishing =
  (service: 'auth' | 'chat') =>
  (cluster: Cluster, random: Random): Choice => {
    const how = random.pick(['cut', 'hang'] as const);
    return killInWindow(cluster, service, {
      what: `${how} ${service} → kafka, then kill -9 every ${service}`,
      async open(link) {
        await link[how]();
        provoke[service](cluster.url).catch(() => {});
        const isWaiting = async () => (await count(cluster.databaseUrl(service), EVENTS_WAITING)) > 0;
        await waitFor('an event in the outbox', isWaiting, { deadlineMs: WINDOW_DEADLINE_MS });
      },
    });
  };

/**
 * The window between the commit of an effect and that of its offset: holds effects up by a lock until one waits for it,
 * takes Kafka away, and lets the effects go.
 */
const beforeOffset = (cluster: Cluster): Choice =>
  killInWindow(cluster, 'profile', {
    what: 'kill -9 every profile with effects in and offsets out',
    open: (link) =>
      withClient(cluster.databaseUrl('profile'), async (client) => {
        const numberOf = async (sql: string) => Number((await client.query(sql)).rows[0].count);
        const deadline = { deadlineMs: WINDOW_DEADLINE_MS };
        await client.query('BEGIN');
        await client.query('LOCK TABLE processed_events IN SHARE ROW EXCLUSIVE MODE');
        provoke.auth(cluster.url).catch(() => {});
        await waitFor('an effect', async () => (await numberOf(EFFECTS_HELD_UP)) > 0, deadline);
        const before = await numberOf(EFFECTS);
        await link.hang();
        await client.query('COMMIT');
        await waitFor('its commit', async () => (await numberOf(EFFECTS)) > before, deadline);
      }),
  });

/** Every fault that there is. */
export const CATALOG: readonly Fault[] = [
  ...SERVICES.map((name) =>
    fault(`kill -9 of a replica of ${name}`, [name], ({ replicas }, random) => {
      const replica = random.pick(replicas[name]);
      return kill(replica.part, replica);
    }),
  ),
  fault('a replica stands still', SERVICES, (cluster, random) => {
    const replica = anyReplica(cluster, random);
    return freeze(replica.part, replica);
  }),
  fault('all consumers of a service restarted in turn', CONSUMERS, restartAllConsumers),

  fault('auth killed between commit and publish', ['auth', 'kafka', 'gateway'], beforePublishing('auth'), {
    weight: 2,
  }),
  fault('chat killed between store and fan-out', ['chat', 'kafka', 'gateway'], beforePublishing('chat'), { weight: 2 }),
  fault('profile killed between effect and offset', ['profile', 'auth', 'kafka', 'gateway'], beforeOffset, {
    weight: 2,
  }),

  fault('Kafka killed', ['kafka'], ({ kafka }) => kill('kafka', kafka)),
  fault('Kafka frozen for 30 s', ['kafka'], ({ kafka }) => freeze('kafka', kafka), { weight: 0, holdMs: FROZEN_MS }),
  ...DATA_SERVICES.map((name) =>
    fault(`the Postgres of ${name} killed`, [name, 'postgres'], ({ postgres }) =>
      kill(`postgres ${name}`, postgres[name]),
    ),
  ),
  fault('a Postgres frozen', ANY_POSTGRES, ({ postgres }, random) => {
    const name = random.pick(DATA_SERVICES);
    return freeze(`postgres ${name}`, postgres[name]);
  }),
  fault('the disk of a Postgres full', ANY_POSTGRES, fillDisk, { needs: 'disk' }),

  fault('a slow link', ANY_LINK, hurtLink('slowed', slow)),
  fault(
    'a cut link',
    ANY_LINK,
    hurtLink('cut', (link) => link.cut()),
  ),
  fault(
    'a hung link',
    ANY_LINK,
    hurtLink('hung', (link) => link.hang()),
  ),

  fault('events delivered again, out of order', ['kafka'], deliverAgain),
  fault('poison events', ['kafka'], poison),

  fault('a clock jumps an hour ahead', SERVICES, moveClock('an hour ahead', HOUR_S), { needs: 'clock' }),
  fault('a clock jumps an hour back', SERVICES, moveClock('an hour back', -HOUR_S), { needs: 'clock' }),
];

/** Those that can be brought about on this cluster. */
export const faultsFor = (cluster: { unavailable: readonly Unavailable[] }): Fault[] =>
  CATALOG.filter(({ needs }) => !cluster.unavailable.some(({ what }) => what === needs));
