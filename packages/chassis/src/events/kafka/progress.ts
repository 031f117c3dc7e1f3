import type {
  ConsumerEndBatchProcessEvent,
  ConsumerStartBatchProcessEvent,
  Consumer as KafkaClientConsumer,
} from 'kafkajs';
import type { Consumer } from '../bus.ts';
import type { KafkaFailure } from './failure.ts';

/** A client that neither fetches nor handles an event for so long, in ms, joining included, is stuck. */
const STALL_MS = 60_000;
/** A member that has had no heartbeat for so long is out of its group, whether it knows or not. */
const HEARTBEAT_STALL_MS = 30_000;
/** A client that has consumed for so long has left its earlier trouble behind. */
const SETTLED_MS = 10_000;
const JOINING = 'it is joining its group';

export class StalledError extends Error {}

export type KafkaProgress = Pick<Consumer, 'waiting' | 'trouble' | 'stalledMs' | 'isRunning'> & {
  lag(): ReadonlyMap<string, number>;
  /** Takes in what this client tells of itself, from now on in place of any other. */
  follow(consumer: KafkaClientConsumer): void;
  /** Does the work on an event. */
  during<T>(work: () => Promise<T>): Promise<T>;
  isHandling(): boolean;
  stall(): StalledError | undefined;
  /** The client is being given up. */
  left(): void;
  /** @returns whether that is news: another reason than before, or the first one since it consumed */
  failed(failure: KafkaFailure): boolean;
  /** No other client will follow. */
  over(): void;
};

/** What is known of a Kafka consumer over all its clients. Ages are monotonic: a clock that is set does not show. */
export function createKafkaProgress(): KafkaProgress {
  let fault: { reason: string; since: number } | undefined;
  /** Why the last client was given up, if none has consumed since. */
  let failure = JOINING;
  let client: KafkaClientConsumer | undefined;
  let clientAt = performance.now();
  let running = false;
  let handling = 0;
  let progressAt = clientAt;
  let heartbeatAt = progressAt;
  let joinedAt = progressAt;
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
      };
      const onFetch = () => {
        progressed();
        failure = JOINING;
      };
      consumer.on(events.HEARTBEAT, ifCurrent(onHeartbeat));
      consumer.on(events.GROUP_JOIN, ifCurrent(onJoin));
      consumer.on(events.FETCH, ifCurrent(onFetch));
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
      const isNew = reason !== failure;
      failure = reason;
      fault = kind === 'broken' ? { reason, since: fault?.since ?? performance.now() } : undefined;
      return isNew;
    },
    over() {
      running = false;
      failure = 'it has ended';
      fault = { reason: failure, since: performance.now() };
    },
    // A client that has joined may still lack the right to read.
    waiting: () => (running && progressAt > joinedAt ? undefined : failure),
    trouble() {
      if (running && progressAt - joinedAt > SETTLED_MS) fault = undefined;
      return fault && { reason: fault.reason, forMs: age(fault.since) };
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
