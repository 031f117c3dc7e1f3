import type { Body } from '../load/http-client.ts';
import type { Participant } from '../load/ledger.ts';
import { readAllPages } from '../load/pages.ts';
import type { Facts } from './facts.ts';
import { type Finding, wrong } from './finding.ts';
import { inParallel } from './in-parallel.ts';
import type { Message } from './tables.ts';

const AT_ONCE = 8;
/** Publications whose comments are looked at, those with the most of them. */
const COMMENTED = 50;

/** Whether people see through the gateway what is in the tables; each of the two people their own side of the chat. */
export async function auditViews(facts: Facts): Promise<Finding[]> {
  const { ledger, living } = facts;
  const staying = ledger.people.filter(({ left, session }) => !left && living.has(session.id));
  const [reader] = staying;
  if (!reader) return [];
  const views = await Promise.all([
    auditFeed(facts, reader),
    auditProfiles(facts, reader),
    inParallel(staying, AT_ONCE, (person) => auditChat(facts, person)),
  ]);
  return views.flat(2);
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
  const below = await inParallel(commented, AT_ONCE, async ({ id }) => {
    const there = (comments.get(id) ?? []).map((row) => asLine(row.id, row.text, row.user_id, bylineOf(row.user_id)));
    const page = await readAllPages(session, `feed/${id}/comment`);
    return compare(
      `list of comments on ${id}`,
      page.map((each) => asLine(each.id, each.text, each.user_id, seenByline(each))),
      there,
    );
  });
  return [...compare('feed', seen, publications.reverse()), ...below.flat()];
}

async function auditProfiles({ tables, ledger, living }: Facts, { session }: Participant): Promise<Finding[]> {
  const rows = new Map(tables.profile.profiles.map((row) => [row.id, row]));
  const findings = await inParallel(ledger.people, AT_ONCE, async ({ session: { id } }) => {
    const reply = await session.ask('GET', `profile/${id}`);
    const row = living.has(id) ? rows.get(id) : undefined;
    const there = row ? asLine(200, row.username, row.bio, row.avatar !== null) : asLine(404);
    if ('error' in reply) return compare(`profile of ${id}`, [reply.error], [there]);
    const { status, body } = reply;
    const seen = status === 200 ? asLine(status, body.username, body.bio, body.avatar_url !== null) : asLine(status);
    return compare(`profile of ${id}`, [seen], [there]);
  });
  return findings.flat();
}

async function auditChat({ tables: { chat } }: Facts, { session }: Participant): Promise<Finding[]> {
  const { id: self } = session;
  const peerOf = ({ sender, receiver }: Message) => (sender === self ? receiver : sender);
  const own = chat.messages.filter(({ sender, receiver }) => sender === self || receiver === self).reverse();
  const histories = Map.groupBy(own, peerOf);
  const rows = chat.conversations
    .filter(({ user_id }) => user_id === self)
    .sort((a, b) => (a.last_message_id < b.last_message_id ? 1 : -1))
    .map((row) => asLine(row.peer_id, row.last_message_id, row.unread_count));
  const list = (await readAllPages(session, 'chat/conversation')).map((each) =>
    asLine(each.peer_id, each.last_message.id, each.unread_count),
  );
  const findings = compare(`list of conversations, as ${self}`, list, rows);
  for (const [peer, messages] of histories) {
    const page = await readAllPages(session, `chat/conversation/${peer}`);
    const seen = page.map(({ id, text, sender }) => asLine(id, text, sender));
    const there = messages.map(({ id, text, sender }) => asLine(id, text, sender));
    findings.push(...compare(`history with ${peer}, as ${self}`, seen, there));
    const times = page.map(({ time_sent }) => time_sent);
    const isSorted = times.every((time, index) => index === 0 || time <= times[index - 1]);
    if (!isSorted) findings.push(wrong('a history is out of order', `with ${peer}, as ${self}`));
  }
  return findings;
}
