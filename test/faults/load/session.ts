import type { Asked, HttpClient, Reply } from './http-client.ts';

/** Somebody with an account, who signs in again whenever a token is not accepted. */
export type Session = {
  readonly email: string;
  id: string;
  readonly token: string;
  register(): Promise<Reply>;
  /** One at a time, however many ask for it. */
  logIn(): Promise<Reply>;
  /** Asks as this person, once more after signing in anew where the answer is 401. */
  ask(method: string, path: string, content?: Asked['content']): Promise<Reply>;
};

const PASSWORD = 'correct horse battery';
const UNAUTHENTICATED = 401;

export function createSession(http: HttpClient, email: string): Session {
  const credentials = { email, password: PASSWORD };
  let token = '';
  let loggingIn: Promise<Reply> | undefined;

  async function logIn(): Promise<Reply> {
    const reply = await http.send({ method: 'POST', path: 'auth/login', content: credentials });
    if ('status' in reply && reply.status === 202) token = reply.body.token;
    return reply;
  }

  const session: Session = {
    email,
    id: '',
    get token() {
      return token;
    },
    register: () => http.send({ method: 'POST', path: 'auth/register', content: credentials }),
    logIn() {
      loggingIn ??= logIn().finally(() => {
        loggingIn = undefined;
      });
      return loggingIn;
    },
    async ask(method, path, content) {
      const send = () => http.send({ method, path, token, ...(content && { content }) });
      const reply = await send();
      if (!('status' in reply) || reply.status !== UNAUTHENTICATED) return reply;
      const again = await session.logIn();
      return 'status' in again && again.status === 202 ? send() : reply;
    },
  };
  return session;
}
