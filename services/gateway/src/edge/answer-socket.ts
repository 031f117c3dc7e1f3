import type { Duplex } from 'node:stream';
import type { Problem } from '@wave-connect/chassis/http/problem.ts';
import { answerUpgrade } from '@wave-connect/chassis/http/upgrade.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Answers where there is no response object, and closes the connection. */
export function answerSocket(socket: Duplex, problem: Problem): void {
  if (socket.writable) answerUpgrade(socket, { ...problem, headers: { ...SECURITY_HEADERS, ...problem.headers } });
}
