import pc from 'picocolors';
import { prettyFactory } from 'pino-pretty';
import { SERVICES } from './service-settings.ts';

const PARTS = [...SERVICES, 'postgres', 'kafka'];
const COLOURS = [pc.cyan, pc.green, pc.magenta, pc.yellow, pc.blue, pc.gray, pc.gray];
const WIDTH = Math.max(...PARTS.map((part) => part.length));

const pretty = prettyFactory({
  colorize: pc.isColorSupported,
  singleLine: true,
  translateTime: 'SYS:HH:MM:ss',
  ignore: 'pid,hostname,service',
});

/** A line of a part's output for people to read, its part's name in front; undefined for noise. */
export function readableLine(part: string, line: string): string | undefined {
  if (line.trim() === '' || isNoise(part, line)) return undefined;
  const text = line.startsWith('{') ? pretty(line) : line;
  const prefix = (COLOURS[PARTS.indexOf(part)] ?? pc.gray)(part.padEnd(WIDTH));
  return text
    .trimEnd()
    .split('\n')
    .map((each) => `${prefix} ${pc.dim('│')} ${each}\n`)
    .join('');
}

/** Postgres logs each refused statement, which the service that sent it logs too, and clients that come too early. */
function isNoise(part: string, line: string): boolean {
  if (part === 'postgres')
    return !/ (WARNING|FATAL|PANIC): (?!.*(is starting up|pre-existing shared memory))/.test(line);
  return part === 'kafka' && / WARN /.test(line);
}
