import { randomUUID } from 'node:crypto';
import { waitFor } from '@wave-connect/dev-env/wait-for.ts';
import { WebSocket } from 'ws';
import { EVENTUALLY } from './buses.ts';
import {
  type Asked,
  type Body,
  createHttpClient,
  describeReply,
  type HttpClient,
  type HttpResponse,
} from './http-client.ts';

const PASSWORD = 'correct horse battery';

/** An account, as the client of its owner sees it through the gateway at `url`. */
export class Person {
  readonly url: string;
  readonly email = `${randomUUID()}@example.com`;
  id = '';
  token = '';
  readonly #http: HttpClient;

  private constructor(url: string) {
    this.url = url;
    this.#http = createHttpClient(url);
  }

  /** Registers and signs in. */
  static async join(url: string): Promise<Person> {
    const person = new Person(url);
    const { status } = await person.register();
    if (status !== 201) throw new Error(`registering: ${status}`);
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
    return { person, response: await person.register() };
  }

  async register(): Promise<HttpResponse> {
    const response = await this.#send({ method: 'POST', path: '/api/auth/register', content: this.#credentials });
    this.id = response.body.id ?? '';
    return response;
  }

  async logIn(): Promise<HttpResponse> {
    const response = await this.#send({ method: 'POST', path: '/api/auth/login', content: this.#credentials });
    this.token = response.body.token ?? '';
    return response;
  }

  /** `path` is what follows /api/. @throws where no response comes */
  ask(method: string, path: string, content?: Asked['content'], headers?: Asked['headers']): Promise<HttpResponse> {
    return this.#send({ method, path: `/api/${path}`, token: this.token, content, headers });
  }

  get(path: string): Promise<HttpResponse> {
    return this.ask('GET', path);
  }

  /** Of a profile, this person's own unless told otherwise. */
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

  get #credentials() {
    return { email: this.email, password: PASSWORD };
  }

  async #send(asked: Asked): Promise<HttpResponse> {
    const reply = await this.#http.send(asked);
    if ('error' in reply) throw new Error(`${asked.method} ${asked.path}: ${describeReply(reply)}`);
    return reply;
  }
}

export type Ear = { socket: WebSocket; frames: Body[]; say(frame: object): void };
