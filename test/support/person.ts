import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

type Json = Record<string, unknown>;
/** Whatever the contract says of the answer at hand. */
// biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
type Body = any;
export type Answer = { status: number; headers: Headers; body: Body };

const PASSWORD = 'correct horse battery';

/** Sends JSON, or bytes of a type of their own, and reads what comes back. */
async function send(
  url: string,
  method: string,
  content?: Json | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isBytes = Buffer.isBuffer(content);
  const response = await fetch(url, {
    method,
    headers: { ...(content && !isBytes && { 'Content-Type': 'application/json' }), ...headers },
    ...(content && { body: isBytes ? new Uint8Array(content) : JSON.stringify(content) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(bytes.toString()) : bytes };
}

/** Somebody with an account, as seen from the client's side of the gateway at `url`. */
export class Person {
  readonly url: string;
  readonly email = `${randomUUID()}@example.com`;
  id = '';
  token = '';

  private constructor(url: string) {
    this.url = url;
  }

  /** Registers and signs in. */
  static async join(url: string): Promise<Person> {
    const person = new Person(url);
    const registered = await person.register();
    if (registered.status !== 201) throw new Error(`registering answered ${registered.status}`);
    await person.logIn();
    return person;
  }

  /** The same person, at another address of the gateway. */
  at(url: string): Person {
    return Object.assign(new Person(url), { email: this.email, id: this.id });
  }

  static async register(url: string): Promise<{ person: Person; answer: Answer }> {
    const person = new Person(url);
    return { person, answer: await person.register() };
  }

  async register(): Promise<Answer> {
    const answer = await send(`${this.url}/api/auth/register`, 'POST', { email: this.email, password: PASSWORD });
    this.id = answer.body.id ?? '';
    return answer;
  }

  async logIn(): Promise<Answer> {
    const answer = await send(`${this.url}/api/auth/login`, 'POST', { email: this.email, password: PASSWORD });
    this.token = answer.body.token ?? '';
    return answer;
  }

  /** `path` is what follows /api/. */
  ask(method: string, path: string, content?: Json | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    return send(`${this.url}/api/${path}`, method, content, { Authorization: `Bearer ${this.token}`, ...headers });
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  /** Opens a WebSocket that keeps what it hears. */
  async connect(by: 'header' | 'cookie'): Promise<Ear> {
    const headers = by === 'header' ? { Authorization: `Bearer ${this.token}` } : { Cookie: `jwt=${this.token}` };
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/api/chat/ws`, { headers });
    const frames: Body[] = [];
    socket.on('message', (data) => frames.push(JSON.parse(String(data))));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('open', resolve).once('error', reject);
    await promise;
    return { socket, frames, say: (frame: Json) => socket.send(JSON.stringify(frame)) };
  }
}

export type Ear = { socket: WebSocket; frames: Body[]; say(frame: Json): void };
