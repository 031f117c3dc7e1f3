import type { IncomingMessage, ServerResponse } from 'node:http';
import { FORWARDED_METHODS } from '../contract-methods.ts';
import { Refusal } from './refusal.ts';

/** An avatar is the largest body that a service takes, half of this. */
export const MAX_BODY_BYTES = 1_048_576;
/** RFC 9110, section 4.1, asks for no less. */
const MAX_TARGET_LENGTH = 8_000;
const MAX_HEADERS = 100;
/** How long a client may still send the rest of a body after its answer. */
const LINGER_MS = 2_000;

/**
 * Refuses requests that are larger than any that a service takes, or that two readers could read differently.
 * @throws Refusal
 */
export function limitRequest(req: IncomingMessage, res: ServerResponse): void {
  if (hasBody(req)) limitRest(req, res);
  assertWithinLimits(req);
}

/** Cuts off a client that has its answer and goes on sending. */
function limitRest(req: IncomingMessage, res: ServerResponse): void {
  const { socket } = req;
  res.once('finish', () => {
    if (req.complete) return;
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    const clear = () => clearTimeout(timer);
    req.once('end', clear);
    socket.once('close', clear);
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

export const announcesTooMuch = (req: IncomingMessage): boolean =>
  Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES;

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

export const contentTooLarge = (): Refusal =>
  refusal(413, 'content-too-large', 'The body is larger than this path accepts.');

export const headersTooLarge = (): Refusal =>
  refusal(431, 'headers-too-large', 'The headers are too many or too large.');

export const malformed = (detail = 'The request is malformed.'): Refusal => refusal(400, 'invalid-request', detail);

export const methodNotTaken = (allowed: readonly string[] = FORWARDED_METHODS): Refusal =>
  refusal(405, 'method-not-allowed', 'This path does not answer that method.', { Allow: allowed.join(', ') });

export const refusal = (status: number, code: string, detail: string, headers: Record<string, string> = {}): Refusal =>
  new Refusal({ status, code, detail, headers });

const isContinue = (expect: string) => expect.toLowerCase() === '100-continue';

/** RFC 9112, section 3.2. */
function hasOneHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isHost(rawHeaders[at])) hosts += 1;
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0');
}

const isHost = (name: string | undefined) => name?.length === 4 && name.toLowerCase() === 'host';

/** RFC 9112, section 6.1: other codings than chunked, and any in HTTP/1.0, are how requests are smuggled. */
function isPlainlyFramed({ headers, httpVersion }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding === undefined || (coding.toLowerCase() === 'chunked' && httpVersion === '1.1');
}
