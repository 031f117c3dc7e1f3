import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** JSON is parsed, of a shape that the contract says; anything else is bytes. */
// biome-ignore lint/suspicious/noExplicitAny: responses of every shape
export type Body = any;
export type HttpResponse = { status: number; headers: IncomingHttpHeaders; body: Body };
/** `error` where no whole response came: a code such as ECONNRESET, or TIMEOUT. */
export type Reply = HttpResponse | { error: string };

/** Bytes without a Content-Type of their own go as a PNG, objects as JSON. */
export type Asked = {
  method: string;
  /** From the root of the server, with its query. */
  path: string;
  token?: string;
  content?: object | Buffer | undefined;
  headers?: Record<string, string> | undefined;
};

export type HttpClient = {
  /** Resolves in every case, at the latest after the time limit. */
  send(asked: Asked): Promise<Reply>;
  close(): void;
};

const TIMEOUT_MS = 35_000;
const MAX_SOCKETS = 64;

/** Sends each request once, over connections that stay open; it never retries. */
export function createHttpClient(
  url: string,
  { timeoutMs = TIMEOUT_MS, maxSockets = MAX_SOCKETS }: { timeoutMs?: number; maxSockets?: number } = {},
): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets, scheduling: 'fifo' });

  function send({ method, path, token, content, headers }: Asked): Promise<Reply> {
    const isBytes = Buffer.isBuffer(content);
    const payload = isBytes ? content : content && Buffer.from(JSON.stringify(content));
    const type = isBytes ? 'image/png' : 'application/json';
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const req = request(`${url}${path}`, {
      method,
      agent,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(payload && { 'Content-Type': type, 'Content-Length': payload.length }),
        ...headers,
      },
    });
    const timer = setTimeout(() => req.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })), timeoutMs);
    const fail = (error: NodeJS.ErrnoException) =>
      resolve({ error: `${error.code ?? error.message}${req.reusedSocket ? ' on a connection in use' : ''}` });
    req.on('error', fail).on('close', () => clearTimeout(timer));
    req.on('response', (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk) => chunks.push(chunk)).on('error', fail);
      res.on('end', () => resolve(readResponse(res.statusCode ?? 0, res.headers, Buffer.concat(chunks))));
    });
    req.end(payload);
    return promise;
  }

  return { send, close: () => agent.destroy() };
}

function readResponse(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Reply {
  if (!/json/.test(String(headers['content-type']))) return { status, headers, body: bytes };
  try {
    return { status, headers, body: JSON.parse(bytes.toString()) };
  } catch {
    return { error: `no JSON in a response ${status}, request ${headers['x-request-id']}` };
  }
}

/** What a reply was, for people: the status with the request's id, or the error. */
export const describeReply = (reply: Reply): string =>
  'error' in reply
    ? reply.error
    : `${reply.status} ${reply.body?.detail ?? ''} request ${reply.headers['x-request-id']}`;
