import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '@wave-connect/dev-env/system';
import type { SteadyResult } from '../../load/steady-load.ts';
import { startSteadyProcess } from '../../load/steady-process.ts';
import { formatTable } from '../../support/table.ts';
import { installPrerequisites, startCluster } from '../cluster/cluster.ts';
import { type Replica, type UnaskedRestart, untilReady } from '../cluster/replicas.ts';
import { type Context, type Program, verdict } from './program.ts';

/** `code` is that of its exit, null where a signal ended it. Times in ms: until it had ended, and until it was ready again. */
type Restarted = { part: string; stopMs: number; code: number | null; readyMs: number };

export type RollingRestart = {
  restarted: readonly Restarted[];
  load: SteadyResult;
  /** Of processes that no test has ended. */
  unaskedRestarts: readonly UnaskedRestart[];
};

/** The program that restarts every replica of every service, one after the other, under a steady load that must not notice. */
export const rollingRestart: Program = {
  usual: { rate: 200 },
  nameOf: () => 'rolling-restart',
  prepare: installPrerequisites,
  async run(context) {
    const result = await restartInTurn(context);
    const problems = judgeRestart(result);
    return { text: formatRestart(result, problems), problems, result: { ...result, problems } };
  },
};

const LEAST_REQUESTS = 10_000;
/** Longer than services keep idle connections, so that each has been closed by its response before they stop. */
const SHUTDOWN_DELAY_MS = 6_000;
const ENV = {
  SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS),
  LOG_LEVEL: 'warn',
  // No clock is moved here, and one that can be costs a file at each look.
  LD_PRELOAD: undefined,
};
/** How long a new replica is ready before the next one is stopped, as a Deployment's minReadySeconds. */
const MIN_READY_MS = 2_000;
const WARM_UP_MS = 10_000;

/** Each replica is stopped by SIGTERM while all of its service are ready. Requests go on at a steady rate meanwhile. */
async function restartInTurn({ seed, rate, note, onLine, signal }: Context): Promise<RollingRestart> {
  note('starting the system');
  const cluster = await startCluster({ env: ENV, pastServiceLinks: true, onLine, signal });
  async function underLoad(work: () => Promise<unknown>): Promise<SteadyResult> {
    const load = await startSteadyProcess({ url: cluster.url, rate, seed });
    try {
      await work();
      return await load.stop();
    } finally {
      load.kill();
    }
  }
  try {
    // This load does not count: processes that have served before are what a Deployment restarts.
    await underLoad(() => sleep(WARM_UP_MS, undefined, { signal }));
    const restarted: Restarted[] = [];
    const load = await underLoad(async () => {
      note(`${rate} requests a second`);
      const leastMs = sleep((LEAST_REQUESTS / rate) * 1_000, undefined, { signal });
      leastMs.catch(() => {});
      for (const replica of SERVICES.flatMap((name) => cluster.replicas[name])) {
        await Promise.all(cluster.replicas[replica.name].map((each) => untilReady(each, signal)));
        restarted.push(await restart(replica, note));
        await sleep(MIN_READY_MS, undefined, { signal });
      }
      await leastMs;
    });
    return { restarted, load, unaskedRestarts: cluster.unaskedRestarts };
  } finally {
    await cluster.stop();
  }
}

async function restart(replica: Replica, note: Context['note']): Promise<Restarted> {
  const { part, exited } = replica;
  const begun = performance.now();
  await replica.stop('SIGTERM');
  const stopMs = Math.round(performance.now() - begun);
  const { code } = await exited;
  await replica.restart();
  await untilReady(replica);
  const readyMs = Math.round(performance.now() - begun);
  note(`${part} stopped in ${stopMs} ms with ${code ?? 'a signal'}, and was ready again after ${readyMs} ms`);
  return { part, stopMs, code, readyMs };
}

const STOP_LIMIT_MS = 25_000;
/** What a WebSocket closes with whose server goes away. */
const GOING_AWAY = 1001;

/** Why it has failed; nothing where the load did not notice it. */
export function judgeRestart({ restarted, load, unaskedRestarts }: RollingRestart): string[] {
  const { requests, failures, chat } = load;
  const strange = chat.closeCodes.filter((code) => code !== GOING_AWAY).length;
  return [
    ...(requests < LEAST_REQUESTS ? [`only ${requests} requests were made`] : []),
    ...(failures.length > 0 ? [`${failures.length} requests failed`] : []),
    ...restarted.flatMap(({ part, stopMs, code }) => [
      ...(stopMs >= STOP_LIMIT_MS ? [`${part} took ${stopMs} ms to stop`] : []),
      ...(code === 0 ? [] : [`${part} ended with ${code ?? 'a signal'}`]),
    ]),
    ...unaskedRestarts.map(({ part, why }) => `${part} was started again unasked: ${why}`),
    ...(chat.acknowledged === 0 ? ['no chat message was acknowledged'] : []),
    ...(chat.missed.length > 0 ? [`${chat.missed.length} chat messages were missed`] : []),
    ...(chat.refused.length > 0 ? [`${chat.refused.length} chat messages were refused: ${chat.refused[0]}`] : []),
    ...(chat.odd.length > 0 ? [`${chat.odd.length} chat messages came twice or out of order: ${chat.odd[0]}`] : []),
    ...(chat.closeCodes.length === 0 ? ['no chat connection was closed'] : []),
    ...(strange > 0 ? [`${strange} chat connections were not closed with ${GOING_AWAY}`] : []),
  ];
}

const SHOWN_FAILURES = 20;

/** The figures as people read them. */
export function formatRestart({ restarted, load }: RollingRestart, problems: readonly string[]): string {
  const { requests, failures, p50, p99, max, chat } = load;
  /** Without the id of the request. */
  const reasons = failures.map(({ why }) => why.replace(/ request \S*$/, ''));
  return [
    formatTable(
      ['replica', 'stop ms', 'exit', 'ready again ms'],
      restarted.map(({ part, stopMs, code, readyMs }) => [part, stopMs, code ?? 'signal', readyMs]),
    ),
    '',
    `${requests} requests, ${failures.length} failed, p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms`,
    ...countBy(reasons).map(([why, times]) => `  ${times} × ${why}`),
    ...failures.slice(0, SHOWN_FAILURES).map(({ request, why, at, tookMs }) => {
      return `  at ${(at / 1_000).toFixed(1)} s: ${request}: ${why}, after ${Math.round(tookMs)} ms`;
    }),
    `${chat.sent} chat messages by socket, ${chat.acknowledged} acknowledged, ${chat.unanswered} left open by a close, ` +
      `${chat.missed.length} missed, ${chat.disconnects} connections lost`,
    ...countBy(chat.closeCodes).map(([code, times]) => `  ${times} × closed with ${code}`),
    ...verdict(problems),
  ].join('\n');
}

const countBy = <T>(values: readonly T[]): (readonly [T, number])[] =>
  [...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length] as const);
