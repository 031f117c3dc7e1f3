import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Problem, problemBody, problemHeaders } from './problem.ts';

/** Refuses an upgrade. It has no response object, so the whole HTTP response is written out; the socket closes. */
export function refuseUpgrade(socket: Duplex, problem: Problem): void {
  if (socket.destroyed) return;
  const content = problemBody(problem);
  const body = JSON.stringify(content);
  const headers = {
    ...problemHeaders(problem),
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': content.request_id,
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
}
