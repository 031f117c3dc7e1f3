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
  'upgrade',
  'www-authenticate',
  'x-content-type-options',
];

/** RFC 6455, section 4.2.2, or a refusal. */
const UPGRADE_ANSWER = [
  ...ANSWER,
  'transfer-encoding',
  'connection',
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'sec-websocket-version',
];

const PASSED = new Set(ANSWER);

/**
 * The headers of an answer, names in lower case and values in turn: `own`, and what is passed on of the service's, which
 * counts where both name one. What concerns the client's connection is ours to say.
 */
export function answerHeaders(own: readonly string[], theirs: IncomingHttpHeaders, res: ServerResponse): string[] {
  const headers = passedOn(theirs);
  for (let at = 0; at < own.length; at += 2) {
    const name = own[at] as string;
    if (!PASSED.has(name) || theirs[name] === undefined) headers.push(name, own[at + 1] as string);
  }
  const vary = [res.getHeader('vary'), theirs.vary].filter((value) => value !== undefined);
  if (vary.length > 0) headers.push('vary', vary.join(', '));
  headers.push('connection', res.shouldKeepAlive && res.req.complete ? 'keep-alive' : 'close');
  return headers;
}

function passedOn(theirs: IncomingHttpHeaders): string[] {
  const headers: string[] = [];
  for (const [name, value] of Object.entries(theirs)) {
    if (!PASSED.has(name)) continue;
    if (typeof value === 'string') headers.push(name, value);
    else for (const each of value ?? []) headers.push(name, each);
  }
  return headers;
}

export function keepUpgradeAnswerHeaders(answer: IncomingMessage): void {
  const { headers } = answer;
  const kept = UPGRADE_ANSWER.filter((name) => headers[name] !== undefined);
  answer.headers = Object.fromEntries(kept.map((name) => [name, headers[name]]));
}
