import { Agent, request } from 'node:http';

/** Whatever the contract says of the answer at hand; undefined where it is no JSON. */
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
export type Body = any;
type Answer = { status: number; body: Body; requestId: string };
/** `error` where there was no whole answer: a code such as ECONNRESET, or TIMEOUT. */
export type Reply = Answer | { error: string };

export type Asked = { method: string; path: string; token?: string; content?: object | Buffer };

export type HttpClient = {
  /** `path` is what follows /api/. Resolves in every case, at the latest after the time limit. */
  send(asked: Asked): Promise<Reply>;
  close(): void;
};

const TIMEOUT_MS = 35_000;
const MAX_SOCKETS = 64;

/** Sends what it is told once, over connections that stay open; it repeats nothing by itself. */
export function createHttpClient(
  url: string,
  { timeoutMs = TIMEOUT_MS, maxSockets = MAX_SOCKETS }: { timeoutMs?: number; maxSockets?: number } = {},
): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets, scheduling: 'fifo' });

  function send({ method, path, token, content }: Asked): Promise<Reply> {
    const isBytes = Buffer.isBuffer(content);
    const payload = isBytes ? content : content && Buffer.from(JSON.stringify(content));
    const headers = {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(payload && { 'Content-Type': isBytes ? 'image/png' : 'application/json', 'Content-Length': payload.length }),
    };
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const req = request(`${url}/api/${path}`, { method, headers, agent });
    const timer = setTimeout(() => req.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })), timeoutMs);
    const fail = (error: NodeJS.ErrnoException) =>
      resolve({ error: `${error.code ?? error.message}${req.reusedSocket ? ' on a connection in use' : ''}` });
    req.on('error', fail).on('close', () => clearTimeout(timer));
    req.on('response', (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk) => chunks.push(chunk)).on('error', fail);
      res.on('end', () => resolve(readAnswer(res.statusCode ?? 0, res.headers, Buffer.concat(chunks))));
    });
    req.end(payload);
    return promise;
  }

  return { send, close: () => agent.destroy() };
}

function readAnswer(status: number, headers: NodeJS.Dict<string | string[]>, bytes: Buffer): Reply {
  const requestId = String(headers['x-request-id'] ?? '');
  if (!/json/.test(String(headers['content-type']))) return { status, body: undefined, requestId };
  try {
    return { status, body: JSON.parse(bytes.toString()), requestId };
  } catch {
    return { error: `no JSON in an answer ${status}, request ${requestId}` };
  }
}
