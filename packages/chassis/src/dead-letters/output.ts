import { stripVTControlCharacters, styleText } from 'node:util';
import type { DeadLetter } from '../events/dead-letters.ts';
import type { Command } from './arguments.ts';
import type { Outcome } from './operations.ts';

const MAX_LINE = 200;
const COLUMNS = { time: 24, topic: 15, group: 18, attempts: 8 } as const;

/** What a command did. `outcome` is absent where it only looked. */
export type Result = { letters: { letter: DeadLetter; outcome?: Outcome }[]; outstanding: number };

const SUMMARY: Record<Outcome | 'shown', string> = {
  shown: 'shown',
  replayed: 'replayed',
  failed: 'failed again',
  requested: 'to be replayed once the service runs',
  discarded: 'discarded',
};

/** One JSON document, keys in snake_case; `payload` is there where it was asked for. */
export function asJson(command: Command, { letters, outstanding }: Result, payload: boolean): string {
  const plain = letters.map(({ letter, outcome }) => ({
    topic: letter.topic,
    id: letter.id,
    key: letter.key,
    time: letter.headers.ce_time,
    group: letter.group,
    attempts: letter.attempts,
    error: oneLine(letter.error),
    request_id: letter.headers.ce_requestid,
    place: letter.place,
    first_failed_at: letter.firstFailedAt,
    last_failed_at: letter.lastFailedAt,
    outcome,
    ...(payload && { payload: parsed(letter.value) }),
    ...(command === 'show' && { headers: letter.headers, error_in_full: letter.error }),
  }));
  return `${JSON.stringify({ command, letters: plain, outstanding }, undefined, 2)}\n`;
}

/** A table for people: two or three lines for each letter, none longer than what it shows. */
export function asText(command: Command, { letters, outstanding }: Result, payload: boolean): string {
  const left = `${outstanding === 0 ? 'none' : outstanding} outstanding`;
  if (letters.length === 0) return outstanding === 0 ? 'No dead letters.\n' : `None selected, ${left}.\n`;
  const header = styleText('bold', row('GIVEN UP', 'TOPIC', 'GROUP', 'ATTEMPTS', 'ID'));
  const outcomes = Map.groupBy(letters, ({ outcome }): keyof typeof SUMMARY => outcome ?? 'shown');
  const summary = [...outcomes].map(([outcome, those]) => `${those.length} ${SUMMARY[outcome]}`).join(', ');
  const lines = letters.flatMap(({ letter }) => (command === 'show' ? inFull(letter) : inShort(letter, payload)));
  return [header, ...lines, '', `${summary}, ${left}.`, ''].join('\n');
}

const firstLine = ({ lastFailedAt, topic, group, attempts, id }: DeadLetter) =>
  row(lastFailedAt.toISOString(), topic, group, String(attempts), id);

function inShort(letter: DeadLetter, payload: boolean): string[] {
  const { key, headers, error, value } = letter;
  return [
    firstLine(letter),
    styleText('dim', `  key ${oneLine(key ?? '') || '-'}  request ${oneLine(headers.ce_requestid ?? '') || '-'}`),
    `  ${styleText('red', oneLine(error))}`,
    ...(payload ? [`  ${printable(value ?? '')}`] : []),
  ];
}

function inFull(letter: DeadLetter): string[] {
  const { key, place, firstFailedAt, headers, error, value } = letter;
  return [
    firstLine(letter),
    `  key      ${printable(key ?? '') || '-'}`,
    `  place    ${place ?? '-'}`,
    `  first    ${firstFailedAt.toISOString()}`,
    ...Object.entries(headers).map(([name, each]) => `  header   ${printable(name)}: ${printable(each)}`),
    ...error.split('\n').map((line) => `  error    ${styleText('red', printable(line))}`),
    `  payload  ${printable(value ?? '')}`,
  ];
}

function row(time: string, topic: string, group: string, attempts: string, id: string): string {
  return [
    time.padEnd(COLUMNS.time),
    topic.padEnd(COLUMNS.topic),
    group.padEnd(COLUMNS.group),
    attempts.padStart(COLUMNS.attempts),
    oneLine(id),
  ].join('  ');
}

function parsed(value: string | null): unknown {
  try {
    return JSON.parse(value ?? '');
  } catch {
    return value;
  }
}

/** Cut to a line that does nothing to a terminal. */
export const oneLine = (text: string): string => {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
};

const printable = (text: string): string => stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
