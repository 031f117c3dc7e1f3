import type { ClientRequest, IncomingMessage } from 'node:http';
import { contentTooLarge, MAX_BODY_BYTES } from './request-limits.ts';

/** Breaks off a request whose chunked body grows too large; one that announces its length has been checked. */
export function limitBody(req: IncomingMessage, proxyReq: ClientRequest): void {
  if (req.headers['transfer-encoding'] === undefined) return;
  let received = 0;
  req.on('data', function count(chunk: Buffer) {
    received += chunk.length;
    if (received <= MAX_BODY_BYTES) return;
    req.off('data', count);
    req.unpipe(proxyReq);
    proxyReq.destroy(contentTooLarge());
  });
}
