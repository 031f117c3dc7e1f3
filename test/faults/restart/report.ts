import { formatTable } from '../harness/table.ts';
import type { Failure } from '../load/steady-load.ts';
import { LEAST_REQUESTS, type Restarted, type RollingRestart } from './restart-in-turn.ts';

const STOP_LIMIT_MS = 25_000;
/** What a WebSocket closes with whose server goes away. */
const GOING_AWAY = 1001;
const SHOWN_FAILURES = 20;

/** Why it has failed; nothing where nobody noticed it. */
export function judgeRestart({ restarted, load, unaskedRestarts }: RollingRestart): string[] {
  const { requests, failures, chat } = load;
  const strange = chat.closeCodes.filter((code) => code !== GOING_AWAY).length;
  return [
    ...(requests < LEAST_REQUESTS ? [`only ${requests} requests were made`] : []),
    ...(failures.length > 0 ? [`${failures.length} requests failed`] : []),
    ...restarted.flatMap(judgeStop),
    ...unaskedRestarts.map(({ part, why }) => `${part} was started again unasked: ${why}`),
    ...(chat.acknowledged === 0 ? ['nobody talked'] : []),
    ...(chat.missed.length > 0 ? [`${chat.missed.length} chat messages were missed`] : []),
    ...(chat.refused.length > 0 ? [`${chat.refused.length} chat messages were refused: ${chat.refused[0]}`] : []),
    ...(chat.odd.length > 0 ? [`${chat.odd.length} chat messages came twice or out of order: ${chat.odd[0]}`] : []),
    ...(chat.closeCodes.length === 0 ? ['no chat connection was closed'] : []),
    ...(strange > 0 ? [`${strange} chat connections were not closed with ${GOING_AWAY}`] : []),
  ];
}

function judgeStop({ part, stopMs, code }: Restarted): string[] {
  return [
    ...(stopMs >= STOP_LIMIT_MS ? [`${part} took ${stopMs} ms to stop`] : []),
    ...(code === 0 ? [] : [`${part} ended with ${code ?? 'a signal'}`]),
  ];
}

/** The figures as people read them. */
export function formatRestart({ restarted, load }: RollingRestart, problems: readonly string[]): string {
  const { requests, failures, p50, p99, max, chat } = load;
  const shown = failures.slice(0, SHOWN_FAILURES);
  return [
    formatTable(
      ['replica', 'stop ms', 'exit', 'ready again ms'],
      restarted.map(({ part, stopMs, code, readyMs }) => [part, stopMs, code ?? 'signal', readyMs]),
    ),
    '',
    `${requests} requests, ${failures.length} failed, p50 ${p50} ms, p99 ${p99} ms, at most ${max} ms`,
    ...countBy(failures.map(({ why }) => reasonOf(why))).map(([why, times]) => `  ${times} × ${why}`),
    ...shown.map(describeFailure),
    `${chat.sent} chat messages by socket, ${chat.acknowledged} acknowledged, ${chat.unanswered} left open by a close, ` +
      `${chat.missed.length} missed, ${chat.disconnects} connections lost`,
    ...countBy(chat.closeCodes).map(([code, times]) => `  ${times} × closed with ${code}`),
    ...problems.map((problem) => `FAILED: ${problem}`),
    ...(problems.length === 0 ? ['passed'] : []),
  ].join('\n');
}

const describeFailure = ({ request, why, at, tookMs }: Failure) =>
  `  at ${(at / 1_000).toFixed(1)} s: ${request}: ${why}, after ${Math.round(tookMs)} ms`;

/** Without the id of the request. */
const reasonOf = (why: string) => why.replace(/ request \S*$/, '');

const countBy = <T>(values: readonly T[]): (readonly [T, number])[] =>
  [...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length] as const);
