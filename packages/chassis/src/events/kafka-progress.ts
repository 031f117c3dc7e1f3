import type {
  ConsumerEndBatchProcessEvent,
  ConsumerStartBatchProcessEvent,
  Consumer as KafkaClientConsumer,
} from 'kafkajs';
import type { Consumer } from './bus.ts';
import type { KafkaFailure } from './kafka-failure.ts';

/** A client that neither fetches nor handles an event for so long, in ms, joining included, is stuck. */
const STALL_MS = 60_000;
/** A member that has had no heartbeat for so long is out of its group, whether it knows or not. */
const HEARTBEAT_STALL_MS = 30_000;
/** A client that has consumed for so long has left its earlier trouble behind. */
const SETTLED_MS = 10_000;
/** How long the first client may keep silent, in ms, until that counts as an outage of the brokers. */
const FIRST_WORD_MS = 5_000;
const FIRST_WORD = 'it has not found its topics yet';

export class StalledError extends Error {}

export type KafkaProgress = Pick<Consumer, 'trouble' | 'stalledMs' | 'isRunning'> & {
  lag(): ReadonlyMap<string, number>;
  /** Takes in what this client tells of itself, from now on in place of any other. */
  follow(consumer: KafkaClientConsumer): void;
  /** Does the work on an event. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** The brokers know all topics, and let this client have them. */
  subscribed(): void;
  isHandling(): boolean;
  stall(): StalledError | undefined;
  /** The client is being given up. */
  left(): void;
  failed(failure: KafkaFailure): void;
  /** No other client will follow. */
  over(): void;
};

/** What is known of a Kafka consumer over all its clients. Ages are monotonic: a clock that is set does not show. */
export function createKafkaProgress(): KafkaProgress {
  let fault: { reason: string; since: number; restartHelps: boolean } | undefined;
  let client: KafkaClientConsumer | undefined;
  const beganAt = performance.now();
  let clientAt = beganAt;
  let running = false;
  let handling = 0;
  let progressAt = clientAt;
  let heartbeatAt = progressAt;
  let joinedAt = progressAt;
  let awaited: 'first word' | 'first join' | undefined = 'first word';
  const lags = new Map<string, { topic: string; lag: number }>();

  const age = (at: number) => performance.now() - at;
  const progressed = () => {
    progressAt = performance.now();
  };
  const setLag = ({ topic, partition }: { topic: string; partition: number }, lag: string) =>
    lags.set(`${topic}/${partition}`, { topic, lag: Number(lag) });

  return {
    follow(consumer) {
      const { events } = consumer;
      const ifCurrent =
        <Told>(take: (told: Told) => void) =>
        (told: Told) => {
          if (client === consumer) take(told);
        };
      client = consumer;
      clientAt = performance.now();
      const onHeartbeat = () => {
        heartbeatAt = performance.now();
      };
      const onJoin = () => {
        progressed();
        joinedAt = heartbeatAt = progressAt;
        running = true;
        lags.clear();
        if (awaited !== undefined) fault = awaited = undefined;
      };
      consumer.on(events.HEARTBEAT, ifCurrent(onHeartbeat));
      consumer.on(events.GROUP_JOIN, ifCurrent(onJoin));
      consumer.on(events.FETCH, ifCurrent(progressed));
      consumer.on(
        events.START_BATCH_PROCESS,
        ifCurrent<ConsumerStartBatchProcessEvent>(({ payload }) => setLag(payload, payload.offsetLagLow)),
      );
      consumer.on(
        events.END_BATCH_PROCESS,
        ifCurrent<ConsumerEndBatchProcessEvent>(({ payload }) => setLag(payload, payload.offsetLag)),
      );
    },
    async during(work) {
      handling += 1;
      try {
        return await work();
      } finally {
        handling -= 1;
        progressed();
      }
    },
    subscribed() {
      awaited &&= 'first join';
    },
    isHandling: () => handling > 0,
    stall() {
      if (running && age(heartbeatAt) > HEARTBEAT_STALL_MS) return new StalledError('no heartbeat');
      if (handling === 0 && age(Math.max(progressAt, clientAt)) > STALL_MS) return new StalledError('no fetch');
      return undefined;
    },
    left() {
      client = undefined;
      running = false;
    },
    failed({ kind, reason }) {
      awaited &&= 'first join';
      if (kind === 'away') fault = undefined;
      else fault = { reason, since: fault?.since ?? performance.now(), restartHelps: kind !== 'no topic' };
    },
    over() {
      running = false;
      fault = { reason: 'it has ended', since: performance.now(), restartHelps: true };
    },
    trouble() {
      if (running && progressAt - joinedAt > SETTLED_MS) fault = undefined;
      if (awaited === 'first word' && age(beganAt) < FIRST_WORD_MS) {
        return { reason: FIRST_WORD, forMs: age(beganAt), restartHelps: false, atStart: true };
      }
      const atStart = awaited !== undefined;
      return fault && { reason: fault.reason, forMs: age(fault.since), restartHelps: fault.restartHelps, atStart };
    },
    stalledMs: () => age(progressAt),
    isRunning: () => running,
    lag() {
      const byTopic = new Map<string, number>();
      for (const { topic, lag } of lags.values()) byTopic.set(topic, (byTopic.get(topic) ?? 0) + lag);
      return byTopic;
    },
  };
}
