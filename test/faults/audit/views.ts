import { type Participant, undelivered } from '../../load/ledger.ts';
import type { Body } from '../../support/http-client.ts';
import { readAllPages } from '../../support/session.ts';
import { describeWrite } from './expectations.ts';
import { type Facts, type Finding, lost, type Message, type Rule, wrong } from './facts.ts';

/** No response was against the contract, or not allowed in the state of things. */
export const auditResponses: Rule = ({ ledger }) => [
  ...ledger.writes
    .filter(({ outcome }) => outcome === 'violation')
    .map((write) => wrong('a response against the contract', describeWrite(write))),
  ...ledger.badReads.map(({ path, by, evidence }) =>
    wrong('a response against the contract', `GET ${path} by ${by}: ${evidence}`),
  ),
];

const staying = ({ ledger, living }: Facts) =>
  ledger.people.filter(({ left, session }) => !left && living.has(session.id));

/** Messages reached every device while it was connected, or when it was again. */
export const auditDeliveries: Rule = (facts) => {
  const { ledger, tables, living } = facts;
  const stored = new Map(tables.chat.messages.map((message) => [message.id, message]));
  return [
    ...undelivered(ledger).map(({ message, to }) =>
      lost('a message did not reach a device', `${to.session.id}: ${describeWrite(message)}, ${message.id}`),
    ),
    ...staying(facts).flatMap(({ session, received }) => [
      ...received.complaints.map(({ kind, evidence }) => ({
        kind,
        what: 'a device got its messages wrong',
        evidence: `${session.id}: ${evidence}`,
      })),
      ...[...received.messages.values()]
        .filter(({ sender, receiver }) => living.has(sender) && living.has(receiver))
        .filter(({ id, text }) => stored.get(id)?.text !== text)
        .map(({ id, text }) => wrong('a device got a message that is not there', `${session.id}: ${id} ${text}`)),
    ]),
  ];
};

const AT_ONCE = 8;
/** Publications whose comments are looked at, those with the most of them. */
const COMMENTED = 50;

/** Whether people see through the gateway what is in the tables; each of two people their own side of the chat. */
export async function auditViews(facts: Facts): Promise<Finding[]> {
  const [reader] = staying(facts);
  if (!reader) return [];
  const views = await Promise.all([
    auditFeed(facts, reader),
    auditProfileViews(facts, reader),
    inParallel(staying(facts), (person) => auditChat(facts, person)),
  ]);
  return views.flat();
}

/** Works on all items, a few at a time. @throws what failed first */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<Finding[]>): Promise<Finding[]> {
  const findings: Finding[] = [];
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) findings.push(...(await work(item)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return findings;
}

/** Both as lists of lines, one a row. */
function compare(what: string, seen: string[], there: string[]): Finding[] {
  const at = there.findIndex((line, index) => line !== seen[index]);
  const first = at === -1 ? there.length : at;
  if (at === -1 && seen.length === there.length) return [];
  return [wrong(`people see another ${what}`, `row ${first}: ${seen[first]} for ${there[first]}`)];
}

const asLine = (...parts: unknown[]) => JSON.stringify(parts);

async function auditFeed({ tables: { feed } }: Facts, { session }: Participant): Promise<Finding[]> {
  const authors = new Map(feed.authors.map((author) => [author.user_id, author]));
  const bylineOf = (userId: string) => {
    const author = authors.get(userId);
    return author?.username == null ? null : [author.username, author.avatar_url];
  };
  const seenByline = ({ author }: Body) => author && [author.username, author.avatar_url];
  const publications = feed.publications.map((row) =>
    asLine(row.id, row.text, row.user_id, row.comment_count, bylineOf(row.user_id)),
  );
  const seen = (await readAllPages(session, 'feed')).map((each) =>
    asLine(each.id, each.text, each.user_id, each.comment_count, seenByline(each)),
  );
  const commented = feed.publications.toSorted((a, b) => b.comment_count - a.comment_count).slice(0, COMMENTED);
  const comments = Map.groupBy(feed.comments, ({ pub_id }) => pub_id);
  const below = await inParallel(commented, async ({ id }) => {
    const there = (comments.get(id) ?? []).map((row) => asLine(row.id, row.text, row.user_id, bylineOf(row.user_id)));
    const page = await readAllPages(session, `feed/${id}/comment`);
    const shown = page.map((each) => asLine(each.id, each.text, each.user_id, seenByline(each)));
    return compare(`list of comments on ${id}`, shown, there);
  });
  return [...compare('feed', seen, publications.reverse()), ...below];
}

function auditProfileViews({ tables, ours, living }: Facts, { session }: Participant): Promise<Finding[]> {
  const rows = new Map(tables.profile.profiles.map((row) => [row.id, row]));
  return inParallel([...ours], async (id) => {
    const reply = await session.ask('GET', `profile/${id}`);
    const row = living.has(id) ? rows.get(id) : undefined;
    const there = row ? asLine(200, row.username, row.bio, row.avatar !== null) : asLine(404);
    if ('error' in reply) return compare(`profile of ${id}`, [reply.error], [there]);
    const { status, body } = reply;
    const seen = status === 200 ? asLine(status, body.username, body.bio, body.avatar_url !== null) : asLine(status);
    return compare(`profile of ${id}`, [seen], [there]);
  });
}

async function auditChat({ tables: { chat } }: Facts, { session }: Participant): Promise<Finding[]> {
  const { id: self } = session;
  const peerOf = ({ sender, receiver }: Message) => (sender === self ? receiver : sender);
  const own = chat.messages.filter(({ sender, receiver }) => sender === self || receiver === self).reverse();
  const rows = chat.conversations
    .filter(({ user_id }) => user_id === self)
    .sort((a, b) => (a.last_message_id < b.last_message_id ? 1 : -1))
    .map((row) => asLine(row.peer_id, row.last_message_id, row.unread_count));
  const list = (await readAllPages(session, 'chat/conversation')).map((each) =>
    asLine(each.peer_id, each.last_message.id, each.unread_count),
  );
  const findings = compare(`list of conversations, as ${self}`, list, rows);
  for (const [peer, messages] of Map.groupBy(own, peerOf)) {
    const page = await readAllPages(session, `chat/conversation/${peer}`);
    const seen = page.map(({ id, text, sender }) => asLine(id, text, sender));
    const there = messages.map(({ id, text, sender }) => asLine(id, text, sender));
    findings.push(...compare(`history with ${peer}, as ${self}`, seen, there));
    const isSorted = page.every(({ time_sent }, index) => index === 0 || time_sent <= page[index - 1].time_sent);
    if (!isSorted) findings.push(wrong('a history is out of order', `with ${peer}, as ${self}`));
  }
  return findings;
}
