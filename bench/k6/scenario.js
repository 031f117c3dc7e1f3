import { check, sleep } from 'k6';
import { WebSocket } from 'k6/experimental/websockets';
import http from 'k6/http';
import { summarize } from './summary.js';

/** People as they use the system: some read, some write, some comment, some chat, each with pauses of their own. */
const URL = __ENV.URL;
const DURATION = __ENV.DURATION;
const VUS = Number(__ENV.VUS);
/** A budget for all operations in ms; without one, times are shown and not judged. */
const P95_MS = Number(__ENV.P95_MS) || 600_000;
const PEOPLE = 20;
const FRAMES = 5;
const FRAME_TIMEOUT_MS = 10_000;

const OPERATIONS = [
  'feed',
  'next page',
  "one person's",
  'one post',
  'comments',
  'post',
  'rewrite',
  'comment',
  'conversations',
  'history',
  'read',
];

const share = (part) => Math.max(1, Math.round(VUS * part));
const scenario = (exec, part) => ({ executor: 'constant-vus', exec, vus: share(part), duration: DURATION });

export const options = {
  scenarios: {
    readers: scenario('reads', 0.5),
    writers: scenario('writes', 0.15),
    commenters: scenario('comments', 0.2),
    chatters: scenario('chats', 0.15),
  },
  setupTimeout: '180s',
  summaryTrendStats: ['count', 'med', 'p(95)', 'p(99)', 'max'],
  thresholds: {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    ...Object.fromEntries(OPERATIONS.map((name) => [`http_req_duration{name:${name}}`, [`p(95)<${P95_MS}`]])),
  },
};

const json = (token, name) => ({
  headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
  tags: { name },
});

function checked(response, status) {
  check(response, { [`returns ${status}`]: (got) => got.status === status });
  return response.status === status && response.body ? response.json() : {};
}

const get = (person, path, name) => checked(http.get(`${URL}/api/${path}`, json(person.token, name)), 200);
const send = (method, person, path, body, name, status) =>
  checked(http.request(method, `${URL}/api/${path}`, JSON.stringify(body), json(person.token, name)), status);

const any = (list) => list[Math.floor(Math.random() * list.length)];
const pause = () => sleep(0.2 + Math.random() * 0.8);

/** People with profiles and a post each. Their names are new in each run. */
export function setup() {
  const run = Date.now().toString(36);
  return Array.from({ length: PEOPLE }, (_, n) => {
    const account = { email: `load-${run}-${n}@example.com`, password: 'correct horse' };
    const { id } = send('POST', {}, 'auth/register', account, 'register', 201);
    const { token } = send('POST', {}, 'auth/login', account, 'login', 202);
    const person = { id, token };
    send('POST', person, 'profile/', { username: `load_${run}_${n}` }, 'complete', 201);
    send('POST', person, 'feed/', { text: 'Good morning.' }, 'post', 201);
    return person;
  });
}

export function reads(people) {
  const reader = any(people);
  const { items = [], next_cursor } = get(reader, 'feed/?limit=20', 'feed');
  if (next_cursor) get(reader, `feed/?limit=20&cursor=${next_cursor}`, 'next page');
  pause();
  get(reader, `feed/user/${any(people).id}`, "one person's");
  const post = any(items);
  if (post) get(reader, `feed/${post.id}/comment/`, 'comments');
  pause();
}

export function writes(people) {
  const writer = any(people);
  const { id } = send('POST', writer, 'feed/', { text: 'The engine weaves algebraic patterns.' }, 'post', 201);
  pause();
  if (!id) return;
  send('PUT', writer, `feed/${id}`, { text: 'The engine weaves algebraic patterns, as a loom does.' }, 'rewrite', 200);
  const { author } = get(writer, `feed/${id}`, 'one post');
  check(author, { 'a post names its author': (found) => Boolean(found?.username) });
  pause();
}

export function comments(people) {
  const reader = any(people);
  const post = any(get(reader, 'feed/?limit=5', 'feed').items ?? []);
  if (post) send('POST', reader, `feed/${post.id}/comment/`, { text: 'As a loom weaves leaves.' }, 'comment', 201);
  pause();
}

/** Each message counts as sent when it has come back stored. */
export async function chats(people) {
  const sender = any(people);
  const receiver = any(people.filter(({ id }) => id !== sender.id));
  const returned = await exchange(sender, receiver);
  check(returned, { 'each message comes back': (count) => count === FRAMES });
  get(receiver, 'chat/conversation', 'conversations');
  get(receiver, `chat/conversation/${sender.id}`, 'history');
  const headers = json(receiver.token, 'read');
  checked(http.put(`${URL}/api/chat/conversation/${sender.id}/read`, null, headers), 204);
  pause();
}

function exchange(sender, receiver) {
  const socket = new WebSocket(`${URL.replace('http', 'ws')}/api/chat/ws`, null, {
    headers: { Authorization: `Bearer ${sender.token}` },
  });
  const own = `${__VU}-${__ITER}`;
  let returned = 0;
  return new Promise((resolve) => {
    const say = () => socket.send(JSON.stringify({ receiver: receiver.id, text: 'Good evening.', client_id: own }));
    const timer = setTimeout(() => socket.close(), FRAME_TIMEOUT_MS);
    socket.addEventListener('open', say);
    socket.addEventListener('message', ({ data }) => {
      if (JSON.parse(data).client_id !== own) return;
      returned += 1;
      if (returned < FRAMES) say();
      else socket.close();
    });
    socket.addEventListener('error', () => socket.close());
    socket.addEventListener('close', () => {
      clearTimeout(timer);
      resolve(returned);
    });
  });
}

export const handleSummary = (data) => summarize(data, OPERATIONS, __ENV.RESULT);
