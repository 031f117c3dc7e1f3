import { once } from 'node:events';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { kafkaUnavailable } from '@wave-connect/dev-env/kafka';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { WebSocket } from 'ws';
import { resultPath, timeName, writeResult } from '../test/support/results.ts';
import { percentile } from '../test/support/statistics.ts';
import { createSchema, startBacking, startDataService } from './src/stage/services.ts';
import { onStage, type Stage } from './src/stage/stage.ts';

/**
 * The `make hand-over` program: how long a message takes to the other replicas of the chat, on both buses. A replica's
 * relay publishes what it stored, so replicas that store in turn hand the relay's lock over.
 */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const seconds = Number(values.seconds);
const TARGET_MS = 100;
const print = (text: string) => process.stdout.write(`${text}\n`);

const REPLICAS = 3;
const SENDER = '019cebab-8995-7183-acaf-8ffa49125111';
const RECEIVER = '019cebcb-d984-7f90-82e4-023cf07ba567';
const DELIVERY = { deadlineMs: 10_000, everyMs: 5 };

type Replica = { sender: WebSocket; receiver: WebSocket };
type Row = { bus: string; what: string; p50Ms: number; p99Ms: number; worstMs: number; ratio: number };

async function openSocket(url: string, userId: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/chat/ws`, { headers: { 'X-User-ID': userId } });
  await once(socket, 'open');
  return socket;
}

/** Once a second a message from each of the replicas chosen; resolves to what each took to each of the others, in ms. */
async function talk(replicas: Replica[], senders: (second: number) => number[]): Promise<number[]> {
  const began = new Map<string, number>();
  const took: number[] = [];
  let expected = 0;
  const detach = replicas.map(({ receiver }, at) => {
    const hear = (data: unknown) => {
      const { message } = JSON.parse(String(data));
      const begin = began.get(message.text);
      if (begin !== undefined && !message.text.startsWith(`${at} `)) took.push(performance.now() - begin);
    };
    receiver.on('message', hear);
    return () => receiver.off('message', hear);
  });
  for (let second = 0; second < seconds; second += 1) {
    for (const at of senders(second)) {
      const text = `${at} ${second} ${crypto.randomUUID()}`;
      began.set(text, performance.now());
      replicas[at]?.sender.send(JSON.stringify({ receiver: RECEIVER, text }));
      expected += replicas.length - 1;
    }
    await sleep(1_000);
  }
  await waitFor('every message on every other replica', () => took.length === expected, DELIVERY);
  for (const leave of detach) leave();
  return took;
}

async function measure(stage: Stage, kafka: boolean): Promise<Row[]> {
  const backing = await startBacking(stage, { kafka });
  const databaseUrl = await createSchema(backing, 'chat');
  const replicas: Replica[] = [];
  for (let at = 0; at < REPLICAS; at += 1) {
    const env = { INSTANCE_ID: `chat-${at}`, LOG_LEVEL: 'warn' };
    const { url } = await startDataService(stage, backing, { name: 'chat', databaseUrl, env });
    replicas.push({ sender: await openSocket(url, SENDER), receiver: await openSocket(url, RECEIVER) });
  }
  const cases: [string, (second: number) => number[]][] = [
    ['one replica sends', () => [0]],
    ['three send in turn', (second) => [second % REPLICAS]],
    ['three send at once', () => replicas.map((_, at) => at)],
  ];
  const rows: Row[] = [];
  await talk(replicas, () => [0]).catch(() => {});
  for (const [what, senders] of cases) {
    const took = await talk(replicas, senders);
    const p99Ms = percentile(took, 99);
    const ratio = p99Ms / (rows[0]?.p99Ms ?? p99Ms);
    rows.push({
      bus: kafka ? 'Kafka' : 'Postgres',
      what,
      p50Ms: percentile(took, 50),
      p99Ms,
      worstMs: Math.max(...took),
      ratio,
    });
  }
  for (const { sender, receiver } of replicas) for (const socket of [sender, receiver]) socket.terminate();
  return rows;
}

const before = loadavg()[0] ?? 0;
const noKafka = kafkaUnavailable();
if (noKafka !== undefined) print(`LEFT OUT Kafka: ${noKafka}`);
const rows: Row[] = [];
for (const kafka of noKafka === undefined ? [false, true] : [false]) {
  rows.push(...(await onStage(undefined, (stage) => measure(stage, kafka))));
}
print('bus       messages              p50 ms   p99 ms   worst ms   p99 to quiet');
for (const { bus, what, p50Ms, p99Ms, worstMs, ratio } of rows) {
  const figures = [p50Ms.toFixed(1).padStart(8), p99Ms.toFixed(1).padStart(8), worstMs.toFixed(1).padStart(10)];
  print(`${bus.padEnd(9)} ${what.padEnd(20)} ${figures.join(' ')} ${ratio.toFixed(1).padStart(14)}`);
}
const load = { before, after: loadavg()[0] ?? 0 };
print(`Load of the machine: ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after.`);
print(`Written to ${await writeResult(resultPath('bench', `hand-over-${timeName()}`), { seconds, load, rows })}`);
const slow = rows.filter(({ p99Ms }) => p99Ms > TARGET_MS);
for (const { bus, what, p99Ms } of slow)
  print(`MISSED ${bus}, ${what}: p99 is ${p99Ms.toFixed(0)} ms, above ${TARGET_MS} ms`);
