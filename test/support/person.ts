import { waitFor } from '@wave-connect/dev-env/waiting';
import { WebSocket } from 'ws';
import { EVENTUALLY } from './buses.ts';
import { type Asked, type Body, createHttpClient, type HttpResponse, type Reply } from './http-client.ts';
import { bodyOf, createSession, type Session } from './session.ts';

/** An account through the gateway at `url`, as tests use it: each call throws where no response comes. */
export class Person {
  readonly url: string;
  readonly #session: Session;

  private constructor(url: string, account?: Pick<Person, 'email' | 'id' | 'token'>) {
    this.url = url;
    this.#session = createSession(createHttpClient(url), account);
  }

  /** Registers and signs in. */
  static async join(url: string): Promise<Person> {
    const { person, response } = await Person.register(url);
    bodyOf('registering', response, 201);
    await person.logIn();
    return person;
  }

  /** Joins, and waits for the profile that the event of the registration makes. */
  static async joinWithProfile(url: string): Promise<Person> {
    const person = await Person.join(url);
    await waitFor('the profile', async () => (await person.profileStatus()) === 200, EVENTUALLY);
    return person;
  }

  static async register(url: string): Promise<{ person: Person; response: HttpResponse }> {
    const person = new Person(url);
    const response = responseOf('registering', await person.#session.register());
    person.#session.id = response.body.id ?? '';
    return { person, response };
  }

  /** The same account, by another address of the gateway. */
  at(url: string): Person {
    return new Person(url, this);
  }

  get email(): string {
    return this.#session.email;
  }

  get id(): string {
    return this.#session.id;
  }

  get token(): string {
    return this.#session.token;
  }

  async logIn(): Promise<HttpResponse> {
    return responseOf('signing in', await this.#session.logIn());
  }

  /** `path` is what follows /api/. */
  async ask(
    method: string,
    path: string,
    content?: Asked['content'],
    headers?: Asked['headers'],
  ): Promise<HttpResponse> {
    return responseOf(`${method} ${path}`, await this.#session.send(method, path, content, headers));
  }

  get(path: string): Promise<HttpResponse> {
    return this.ask('GET', path);
  }

  /** Of a profile, this account's own unless told otherwise. */
  async profileStatus(id = this.id): Promise<number> {
    return (await this.get(`profile/${id}`)).status;
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
    return { socket, frames, say: (frame: object) => socket.send(JSON.stringify(frame)) };
  }
}

function responseOf(what: string, reply: Reply): HttpResponse {
  if ('error' in reply) throw new Error(`${what}: ${reply.error}`);
  return reply;
}

export type Ear = { socket: WebSocket; frames: Body[]; say(frame: object): void };
