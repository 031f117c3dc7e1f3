import type { IncomingMessage, ServerResponse } from 'node:http';
import { contentTooLarge, headersTooLarge, malformed, refusal } from './refusal.ts';

/** An avatar is the largest body that a service takes, half of this. */
const MAX_BODY_BYTES = 1_048_576;
/** RFC 9110, section 4.1, asks for no less. */
const MAX_TARGET_LENGTH = 8_000;
const MAX_HEADERS = 100;
/** How long a client may go on sending a body after the response. */
const LINGER_MS = 2_000;
/** The time over which the rate of an upload is averaged. */
const RATE_WINDOW_MS = 5_000;

/**
 * Refuses requests that are larger than any service takes, and ambiguous HTTP framing, by which requests are smuggled.
 * @throws Refusal
 */
export function limitRequest(req: IncomingMessage, res: ServerResponse): void {
  if (hasBody(req)) limitRest(req, res);
  assertWithinLimits(req);
}

/** Disconnects a client that has its response and goes on sending. */
function limitRest(req: IncomingMessage, res: ServerResponse): void {
  const { socket } = req;
  res.once('finish', () => {
    if (req.complete) return;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    // On the request alone: its connection may carry many more.
    req.once('close', () => clearTimeout(timer));
  });
}

/** @throws Refusal */
export function assertWithinLimits(req: IncomingMessage): void {
  if ((req.url ?? '').length > MAX_TARGET_LENGTH) throw refusal(414, 'uri-too-long', 'The address is too long.');
  if (req.rawHeaders.length > 2 * MAX_HEADERS) throw headersTooLarge();
  if (!hasOneHost(req)) throw malformed('A request names its host once.');
  if (!isPlainlyFramed(req)) throw malformed('The transfer coding of the body is not one that is taken here.');
  const { expect } = req.headers;
  if (expect !== undefined && !isContinue(expect)) {
    throw refusal(417, 'expectation-failed', 'The only expectation that is met here is 100-continue.');
  }
  if (announcesTooMuch(req)) throw contentTooLarge();
}

/**
 * Aborts a request whose chunked body grows too large; `assertWithinLimits` has checked one that announces its length.
 * The body begins to flow with this, so its reader has to listen in the same turn.
 */
export function limitBody(req: IncomingMessage, abort: (reason: Error) => void): void {
  if (req.headers['transfer-encoding'] === undefined) return;
  let received = 0;
  req.on('data', function count(chunk: Buffer) {
    received += chunk.length;
    if (received <= MAX_BODY_BYTES) return;
    req.off('data', count);
    abort(contentTooLarge());
  });
}

/**
 * Aborts a request whose body arrives more slowly than that, for as long as it takes up an upstream connection. Time in
 * which the service does not read is not the client's.
 */
export function limitSlowness(req: IncomingMessage, bytesPerS: number, abort: (reason: Error) => void): void {
  if (req.complete) return;
  const { socket } = req;
  let bytesRead = socket.bytesRead;
  const timer = setInterval(() => {
    const received = socket.bytesRead - bytesRead;
    bytesRead = socket.bytesRead;
    if (req.complete || req.isPaused() || received >= (bytesPerS * RATE_WINDOW_MS) / 1_000) return;
    abort(refusal(408, 'request-timeout', 'The body arrives too slowly.'));
  }, RATE_WINDOW_MS);
  req.once('close', () => clearInterval(timer));
}

export const announcesTooMuch = (req: IncomingMessage): boolean =>
  Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES;

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const isContinue = (expect: string) => expect.toLowerCase() === '100-continue';

/** RFC 9112, section 3.2. */
function hasOneHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isHost(rawHeaders[at])) hosts += 1;
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}

const isHost = (name: string | undefined) => name?.length === 4 && name.toLowerCase() === 'host';

/** RFC 9112, section 6.1: codings other than chunked, and any in HTTP/1.0, allow request smuggling. */
function isPlainlyFramed({ headers, httpVersion }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding === undefined || (coding.toLowerCase() === 'chunked' && httpVersion === '1.1');
}
