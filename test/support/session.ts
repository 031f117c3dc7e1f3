import { randomUUID } from 'node:crypto';
import { type Asked, type Body, describeReply, type HttpClient, type Reply } from './http-client.ts';

/** An account and the token by which its client asks. `path` is what follows /api/. */
export type Session = {
  readonly email: string;
  /** Empty until it is known. */
  id: string;
  readonly token: string;
  register(): Promise<Reply>;
  /** One at a time, however many callers ask for it. */
  logIn(): Promise<Reply>;
  /** Asks once. */
  send(method: string, path: string, content?: Asked['content'], headers?: Asked['headers']): Promise<Reply>;
  /** Asks once more after signing in anew where the response is 401. */
  ask(method: string, path: string, content?: Asked['content']): Promise<Reply>;
};

const UNAUTHENTICATED = 401;

/** `account` is what is known of one that there is already. */
export function createSession(
  http: HttpClient,
  account: Partial<Pick<Session, 'email' | 'id' | 'token'>> = {},
): Session {
  const { email = `${randomUUID()}@example.com`, id = '' } = account;
  const post = (path: string) =>
    http.send({ method: 'POST', path, content: { email, password: 'correct horse battery' } });
  let token = account.token ?? '';
  let loggingIn: Promise<Reply> | undefined;

  async function logIn(): Promise<Reply> {
    const reply = await post('/api/auth/login');
    if ('status' in reply && reply.status === 202) token = reply.body.token;
    return reply;
  }

  const session: Session = {
    email,
    id,
    get token() {
      return token;
    },
    register: () => post('/api/auth/register'),
    logIn() {
      loggingIn ??= logIn().finally(() => {
        loggingIn = undefined;
      });
      return loggingIn;
    },
    send: (method, path, content, headers) => http.send({ method, path: `/api/${path}`, token, content, headers }),
    async ask(method, path, content) {
      const reply = await session.send(method, path, content);
      if (!('status' in reply) || reply.status !== UNAUTHENTICATED) return reply;
      const again = await session.logIn();
      return 'status' in again && again.status === 202 ? session.send(method, path, content) : reply;
    },
  };
  return session;
}

/** The body of the reply to `what`. @throws where it is not of that status */
export function bodyOf(what: string, reply: Reply, status: number): Body {
  if ('status' in reply && reply.status === status) return reply.body;
  throw new Error(`${what}: ${describeReply(reply)} instead of ${status}`);
}

const PAGE_SIZE = 100;
const MAX_ATTEMPTS = 5;

/**
 * All pages of a list, in the order in which they come. `query` is what the path needs besides limit and cursor.
 * @throws with the last reply, where a page cannot be had
 */
export async function readAllPages(
  session: Session,
  path: string,
  query: Record<string, string> = {},
): Promise<Body[]> {
  const items: Body[] = [];
  let cursor: string | null = null;
  do {
    const given = new URLSearchParams({ ...query, limit: String(PAGE_SIZE), ...(cursor !== null && { cursor }) });
    const page = await readPage(session, `${path}?${given}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}

async function readPage(session: Session, path: string): Promise<Body> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await session.ask('GET', path);
    if (attempt === MAX_ATTEMPTS || ('status' in reply && reply.status === 200))
      return bodyOf(`GET ${path}`, reply, 200);
  }
}
