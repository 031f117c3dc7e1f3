import type { IncomingMessage } from 'node:http';
import { contentTooLarge, MAX_BODY_BYTES } from './request-limits.ts';

/**
 * Breaks off a request whose chunked body grows too large; one that announces its length has been checked. The body
 * begins to flow with this, so whoever passes it on has to listen in the same turn.
 */
export function limitBody(req: IncomingMessage, breakOff: (reason: Error) => void): void {
  if (req.headers['transfer-encoding'] === undefined) return;
  let received = 0;
  req.on('data', function count(chunk: Buffer) {
    received += chunk.length;
    if (received <= MAX_BODY_BYTES) return;
    req.off('data', count);
    breakOff(contentTooLarge());
  });
}
