import { formatTable } from './harness/table.ts';
import type { Report, Row, Totals } from './report.ts';

const HEAD = ['fault', 'times', 'acked during', 'until recovered', 'lost', 'doubled', 'median s', 'max s'];
const SHOWN_FINDINGS = 40;

/** The report as people read it. */
export function formatReport({
  rows,
  totals,
  findings,
  misses,
  unaskedRestarts,
  unavailable,
  problems,
}: Report): string {
  const shown = findings.slice(0, SHOWN_FINDINGS);
  const left = findings.length - shown.length;
  return [
    formatTable(HEAD, rows.map(cellsOf)),
    '',
    formatTotals(totals),
    ...unavailable.map(({ what, why }) => `left out: faults of the ${what}: ${why}`),
    ...unaskedRestarts.map(({ part, why }) => `started again unasked: ${part}: ${why}`),
    ...misses.map(({ fault, why }) => `could not be brought about this time: ${fault}: ${why}`),
    ...shown.map(
      ({ kind, what, evidence, during }) =>
        `${kind.toUpperCase()}: ${what}: ${evidence}${during.length > 0 ? ` (during: ${during.join(', ')})` : ''}`,
    ),
    ...(left > 0 ? [`and ${left} findings more`] : []),
    ...problems.map((problem) => `FAILED: ${problem}`),
    ...(problems.length === 0 ? ['passed'] : []),
  ].join('\n');
}

const seconds = (ms: number | undefined) => (ms === undefined ? '–' : (ms / 1_000).toFixed(1));

const cellsOf = ({ fault, times, during, untilRecovered, lost, doubled, medianMs, maxMs }: Row) => [
  fault,
  times,
  during,
  untilRecovered,
  lost,
  doubled,
  seconds(medianMs).padStart('median s'.length),
  seconds(maxMs).padStart('max s'.length),
];

const formatTotals = (totals: Totals) =>
  [
    `seed ${totals.seed}`,
    `${totals.minutes.toFixed(1)} min`,
    `${totals.acknowledged} writes acknowledged`,
    `${totals.faults} faults`,
    `${totals.lost} lost`,
    `${totals.doubled} doubled`,
    `${totals.wrong} wrong`,
    `${totals.unknown} unknown`,
    `${totals.refused} refused`,
    `recovery ${seconds(totals.medianMs)} s median, ${seconds(totals.maxMs)} s at most`,
  ].join(' · ');
