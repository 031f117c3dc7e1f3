import { stripVTControlCharacters, styleText } from 'node:util';
import type { DeadLetter, Selected } from '../events/dead-letters.ts';
import type { Command } from './arguments.ts';

const MAX_LINE = 200;
const COLUMNS = { time: 24, topic: 15, group: 9, attempts: 8 } as const;
const DONE: Record<Command, string> = { list: 'shown', replay: 'replayed', discard: 'discarded' };

/** One JSON document, keys in snake_case; `payload` is there where it was asked for. */
export function asJson(command: Command, { letters, outstanding }: Selected): string {
  return `${JSON.stringify({ command, letters: letters.map(plain), outstanding }, undefined, 2)}\n`;
}

/** A table for people: two or three lines for each letter, none longer than what it shows. */
export function asText(command: Command, { letters, outstanding }: Selected): string {
  const left = outstanding === 0 ? 'none' : outstanding;
  if (letters.length === 0)
    return outstanding === 0 ? 'No dead letters.\n' : `None ${DONE[command]}, ${left} outstanding.\n`;
  const header = styleText('bold', row('TIME', 'TOPIC', 'GROUP', 'ATTEMPTS', 'ID'));
  return [header, ...letters.flatMap(lines), '', `${letters.length} ${DONE[command]}, ${left} outstanding.`, ''].join(
    '\n',
  );
}

function lines({ topic, id, event }: DeadLetter): string[] {
  const { group = '', attempts = '', error = '' } = event.deadLetter ?? {};
  return [
    row(event.time, topic, group, String(attempts), id),
    styleText('dim', `  key ${oneLine(event.key) || '-'}  request ${oneLine(event.requestId ?? '') || '-'}`),
    `  ${styleText('red', oneLine(error))}`,
    ...(event.data === undefined ? [] : [`  ${printable(JSON.stringify(event.data))}`]),
  ];
}

function row(time: string, topic: string, group: string, attempts: string, id: string): string {
  return [
    oneLine(time).padEnd(COLUMNS.time),
    topic.padEnd(COLUMNS.topic),
    oneLine(group).padEnd(COLUMNS.group),
    attempts.padStart(COLUMNS.attempts),
    oneLine(id),
  ].join('  ');
}

const plain = ({ topic, id, event }: DeadLetter) => ({
  topic,
  id,
  key: event.key,
  time: event.time,
  group: event.deadLetter?.group,
  attempts: event.deadLetter?.attempts,
  error: oneLine(event.deadLetter?.error ?? ''),
  request_id: event.requestId,
  payload: event.data,
});

/** Cut to a line that does nothing to a terminal. */
export const oneLine = (text: string): string => {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
};

const printable = (text: string): string => stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
