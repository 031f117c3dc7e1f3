import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** What clients get to see of a service's answer. What runs the service, and whatever else it says, ends here. */
const ANSWER = [
  'allow',
  'authorization',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'etag',
  'last-modified',
  'location',
  'retry-after',
  'set-cookie',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
  'x-content-type-options',
];

/** RFC 6455, section 4.2.2, or a refusal. */
const UPGRADE_ANSWER = [
  ...ANSWER,
  'connection',
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'sec-websocket-version',
];

/** Reduces an answer's headers to those that are passed on. What concerns the client's connection is ours to say. */
export function keepAnswerHeaders(answer: IncomingMessage, res: ServerResponse): void {
  const vary = [res.getHeader('vary'), answer.headers.vary].flat().filter((value) => value !== undefined);
  const keepAlive = answer.headers['keep-alive'];
  const connection = res.getHeader('connection') ?? (res.shouldKeepAlive ? 'keep-alive' : 'close');
  answer.headers = {
    ...kept(answer.headers, ANSWER),
    ...(vary.length > 0 && { vary: vary.join(', ') }),
    connection: String(connection),
  };
  // Not passed on, but for the agent to see when the answer has ended.
  Object.defineProperty(answer.headers, 'keep-alive', { value: keepAlive, enumerable: false });
}

export function keepUpgradeAnswerHeaders(answer: IncomingMessage): void {
  answer.headers = kept(answer.headers, UPGRADE_ANSWER);
}

const kept = (headers: IncomingHttpHeaders, names: string[]): IncomingHttpHeaders =>
  Object.fromEntries(names.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]));
