import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { connect } from './client.ts';
import {
  as,
  conversations,
  eventually,
  history,
  ids,
  type Message,
  type Replica,
  type System,
  send,
  startSystem,
} from './support.ts';

describe('at the same time', () => {
  let system: System;
  let replicas: [Replica, Replica];

  before(async () => {
    system = await startSystem();
    replicas = [await system.startReplica(), await system.startReplica()];
  });
  after(() => system.stop());

  const replica = (i: number) => replicas[i % 2] as Replica;
  const times = <T>(count: number, work: (i: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, i) => work(i)));

  test('50 messages each way leave both people the same history, in the order of time', async () => {
    const [ada, grace] = [randomUUID(), randomUUID()];
    const sent = await times(50, (i) =>
      Promise.all([send(as(replica(i), ada), grace), send(as(replica(i + 1), grace), ada)]),
    );
    const [hers, theirs] = await Promise.all([
      history(as(replica(0), ada), grace),
      history(as(replica(1), grace), ada),
    ]);
    assert.deepEqual(hers, theirs);
    assert.deepEqual(ids(hers), ids(sent.flat()).sort().reverse());
    assert.deepEqual(
      hers.map(({ time_sent }) => time_sent),
      hers
        .map(({ time_sent }) => time_sent)
        .sort()
        .reverse(),
    );

    for (const [me, peer] of [
      [ada, grace],
      [grace, ada],
    ] as const) {
      assert.deepEqual(await conversations(as(replica(0), me)), [
        { peer_id: peer, last_message: hers[0], unread_count: 50 },
      ]);
    }
  });

  test('a reader who reads on while messages are stored misses none', async () => {
    const [ada, grace] = [randomUUID(), randomUUID()];
    const [first] = [await send(as(replica(0), ada), grace)];
    const seen: Message[] = [first];
    let writing = true;
    const writers = times(8, async (i) => {
      for (let n = 0; n < 10; n += 1) await send(as(replica(i), i % 2 ? ada : grace), i % 2 ? grace : ada);
    }).finally(() => {
      writing = false;
    });
    const readOn = async () => {
      const newer = await history(as(replica(1), grace), ada, { after: seen.at(-1)?.id ?? '' });
      seen.push(...newer);
    };
    while (writing) await readOn();
    await writers;
    await readOn();
    assert.equal(seen.length, 81);
    assert.deepEqual(ids(seen), ids(await history(as(replica(0), ada), grace)).reverse());
  });

  test('sending, reading and deleting leave a list that agrees with the messages', async () => {
    const [ada, grace] = [randomUUID(), randomUUID()];
    await times(12, async (i) => {
      const [me, peer] = i % 2 ? [ada, grace] : [grace, ada];
      const agent = as(replica(i), me);
      for (let n = 0; n < 5; n += 1) {
        const { id } = await send(agent, peer);
        if (n % 2) await agent.delete(`/api/chat/${id}`).expect(204);
        if (n % 3 === 0) await agent.put(`/api/chat/conversation/${peer}/read`).expect(204);
      }
    });
    const { rows } = await system.database.query(
      `SELECT unread_count AS counted, last_message_id AS shown,
              (SELECT id FROM messages WHERE sender IN ($1, $2) ORDER BY id DESC LIMIT 1) AS newest,
              (SELECT count(*)::int FROM messages
                WHERE sender = peer_id AND (read_up_to IS NULL OR id > read_up_to)) AS unread
         FROM conversations WHERE user_id IN ($1, $2)`,
      [ada, grace],
    );
    assert.equal(rows.length, 2);
    for (const { counted, unread, shown, newest } of rows) {
      assert.equal(counted, unread);
      assert.equal(shown, newest);
    }
  });

  test('people who all write to one another block nobody', async () => {
    const people = Array.from({ length: 6 }, () => randomUUID());
    const pairs = people.flatMap((one) =>
      people.filter((other) => other !== one).map((other) => [one, other] as const),
    );
    await Promise.all(pairs.flatMap((pair, i) => times(3, () => send(as(replica(i), pair[0]), pair[1]))));
    for (const one of people) {
      const list = await conversations(as(replica(0), one));
      assert.deepEqual(
        list.map(({ unread_count }) => unread_count),
        [3, 3, 3, 3, 3],
      );
    }
  });

  test('no message slips in beside the deletion of an account', async () => {
    const [ada, grace] = [randomUUID(), randomUUID()];
    const socket = await connect(replica(0), grace);
    let stop = false;
    const statuses = new Set<number>();
    const writers = times(8, async (i) => {
      const [me, peer] = i % 2 ? [ada, grace] : [grace, ada];
      while (!stop)
        statuses.add((await as(replica(i), me).post('/api/chat').send({ receiver: peer, text: 'hi' })).status);
    });
    await eventually('messages', () => statuses.has(201));
    await system.announceDeletion(ada);
    await eventually('refusals of both kinds', () => statuses.has(401) && statuses.has(404));
    stop = true;
    await writers;
    assert.deepEqual([...statuses].sort(), [201, 401, 404]);

    const { rows } = await system.database.query(
      'SELECT 1 FROM messages WHERE $1 IN (sender, receiver) UNION ALL SELECT 1 FROM conversations WHERE $1 IN (user_id, peer_id)',
      [ada],
    );
    assert.deepEqual(rows, []);
    await socket.close();
  });
});
