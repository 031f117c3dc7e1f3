import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  type Agent,
  as,
  assertProblem,
  type Conversation,
  conversations,
  history,
  ids,
  type Replica,
  type System,
  send,
  startSystem,
} from './support.ts';

describe('conversations', () => {
  let system: System;
  let chat: Replica;
  let ada: string;
  let grace: string;
  let asAda: Agent;
  let asGrace: Agent;

  before(async () => {
    system = await startSystem();
    chat = await system.startReplica();
  });
  after(() => system.stop());
  beforeEach(() => {
    [ada, grace] = [randomUUID(), randomUUID()];
    [asAda, asGrace] = [as(chat, ada), as(chat, grace)];
  });

  const unread = async (of: Agent) => (await conversations(of)).map(({ unread_count }) => unread_count);

  describe('the list', () => {
    test('shows both people the last message, latest conversation first', async () => {
      const eve = randomUUID();
      const first = await send(asAda, grace, 'first');
      const second = await send(as(chat, eve), ada, 'second');
      assert.deepEqual(await conversations(asAda), [
        { peer_id: eve, last_message: second, unread_count: 1 },
        { peer_id: grace, last_message: first, unread_count: 0 },
      ]);
      const third = await send(asGrace, ada, 'third');
      assert.deepEqual(await conversations(asAda), [
        { peer_id: grace, last_message: third, unread_count: 1 },
        { peer_id: eve, last_message: second, unread_count: 1 },
      ]);
      assert.deepEqual(await conversations(asGrace), [{ peer_id: ada, last_message: third, unread_count: 1 }]);
    });

    test('shows the text as it was changed', async () => {
      const { id } = await send(asAda, grace, 'helo');
      await asAda.put(`/api/chat/${id}`).send({ text: 'hello' }).expect(200);
      assert.equal((await conversations(asGrace))[0]?.last_message.text, 'hello');
    });

    test('is empty for somebody who has exchanged nothing, with or without a trailing slash', async () => {
      for (const path of ['/api/chat/conversation', '/api/chat/conversation/']) {
        assert.deepEqual((await asAda.get(path).expect(200)).body, { items: [], next_cursor: null });
      }
    });

    test('comes in pages', async () => {
      const peers = Array.from({ length: 5 }, () => randomUUID());
      for (const peer of peers) await send(asAda, peer);
      const seen: string[] = [];
      const sizes: number[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const query = { limit: '2', ...(cursor && { cursor }) };
        const { body } = await asAda.get('/api/chat/conversation').query(query).expect(200);
        seen.push(...body.items.map((item: Conversation) => item.peer_id));
        sizes.push(body.items.length);
        cursor = body.next_cursor;
      }
      assert.deepEqual(seen, peers.toReversed());
      assert.deepEqual(sizes, [2, 2, 1]);
    });
  });

  describe('the history', () => {
    test('is the same for both people, newest first, page by page', async () => {
      const sent = [];
      for (let i = 0; i < 10; i += 1) {
        const [from, to] = i % 3 === 0 ? [asGrace, ada] : [asAda, grace];
        sent.push(await send(from, to, `message ${i}`));
      }
      await send(asAda, randomUUID(), 'of another conversation');
      assert.deepEqual(await history(asAda, grace), sent.toReversed());
      assert.deepEqual(await history(asGrace, ada), sent.toReversed());
    });

    test('holds 20 messages a page unless asked for another number', async () => {
      for (let i = 0; i < 21; i += 1) await send(asAda, grace);
      const path = `/api/chat/conversation/${grace}`;
      for (const [query, size] of [
        ['', 20],
        ['?limit=1', 1],
        ['?limit=100', 21],
      ] as const) {
        const { body } = await asAda.get(`${path}${query}`).expect(200);
        assert.equal(body.items.length, size);
        assert.equal(body.next_cursor === null, size === 21);
      }
    });

    test('with somebody unknown is empty, with or without a trailing slash', async () => {
      const path = `/api/chat/conversation/${randomUUID()}`;
      for (const each of [path, `${path}/`, `${path}?after=${randomUUID()}`]) {
        assert.deepEqual((await asAda.get(each).expect(200)).body, { items: [], next_cursor: null });
      }
    });

    test('after a message holds what is newer, oldest first, page by page', async () => {
      const sent = [];
      for (let i = 0; i < 12; i += 1) sent.push(await send(i % 2 ? asAda : asGrace, i % 2 ? grace : ada));
      const [first, second] = sent;
      assert.deepEqual(await history(asAda, grace, { after: first?.id ?? '', limit: '4' }), sent.slice(1));
      assert.deepEqual(await history(asAda, grace, { after: sent.at(-1)?.id ?? '' }), []);

      await asAda.delete(`/api/chat/${second?.id}`).expect(204);
      assert.deepEqual(await history(asAda, grace, { after: second?.id.toUpperCase() ?? '' }), sent.slice(2));
    });
  });

  for (const query of [
    'limit=0',
    'limit=101',
    'limit=x',
    'cursor=',
    'cursor=nonsense',
    'before=1',
    'limit=1&limit=2',
  ]) {
    test(`?${query} gets 400 from the list and the history`, async () => {
      for (const path of ['/api/chat/conversation', `/api/chat/conversation/${grace}`]) {
        assertProblem((await asAda.get(`${path}?${query}`).expect(400)).body, 400, 'invalid-request');
      }
    });
  }

  test('a peer or a message to go on from that is no UUID gets 400', async () => {
    await asAda.get('/api/chat/conversation/grace').expect(400);
    await asAda.get(`/api/chat/conversation/${grace}?after=yesterday`).expect(400);
    await asAda.put('/api/chat/conversation/grace/read').expect(400);
  });

  describe('unread messages', () => {
    test('are those of the peer; marking them as read is idempotent and concerns the caller alone', async () => {
      await send(asAda, grace);
      await send(asAda, grace);
      await send(asGrace, ada);
      assert.deepEqual([await unread(asAda), await unread(asGrace)], [[1], [2]]);

      for (const slash of ['', '/', '']) {
        await asGrace.put(`/api/chat/conversation/${ada}/read${slash}`).expect(204);
        assert.deepEqual([await unread(asAda), await unread(asGrace)], [[1], [0]]);
      }
      await send(asAda, grace);
      assert.deepEqual([await unread(asAda), await unread(asGrace)], [[1], [1]]);
    });

    test('of somebody unknown can be marked as read', async () => {
      await asAda.put(`/api/chat/conversation/${randomUUID()}/read`).expect(204);
      assert.deepEqual(await conversations(asAda), []);
    });

    describe('marked as read up to a message', () => {
      const readUpTo = (up_to: string) => asGrace.put(`/api/chat/conversation/${ada}/read`).send({ up_to });

      test('are those after it, and what was read stays read', async () => {
        const sent = [await send(asAda, grace), await send(asAda, grace), await send(asGrace, ada)];
        const [first, second, own] = ids(sent) as [string, string, string];
        const unseen = await send(asAda, grace, 'comes while the others are looked at');
        for (const [upTo, left] of [
          [first, 2],
          [second.toUpperCase(), 1],
          [first, 1],
          [own, 1],
          ['00000000-0000-7000-8000-000000000000', 1],
          [unseen.id, 0],
          [second, 0],
        ] as const) {
          await readUpTo(upTo).expect(204);
          assert.deepEqual([await unread(asAda), await unread(asGrace)], [[1], [left]], upTo);
        }
        await send(asAda, grace);
        assert.deepEqual(await unread(asGrace), [1]);
      });

      test('that is of no use or still to come, read no message that has not come', async () => {
        await send(asAda, grace);
        await readUpTo('ffffffff-ffff-7fff-bfff-ffffffffffff').expect(204);
        await send(asAda, grace);
        assert.deepEqual(await unread(asGrace), [1]);
        await asGrace.put(`/api/chat/conversation/${randomUUID()}/read`).send({ up_to: randomUUID() }).expect(204);
      });

      test('that is deleted, go by its place', async () => {
        const [first] = [await send(asAda, grace), await send(asAda, grace)];
        await asAda.delete(`/api/chat/${first.id}`).expect(204);
        await readUpTo(first.id).expect(204);
        assert.deepEqual(await unread(asGrace), [1]);
      });

      test('count right while others come', async () => {
        const first = await send(asAda, grace);
        let reading = true;
        const reads = (async () => {
          while (reading) await readUpTo(first.id).expect(204);
        })();
        await Promise.all(Array.from({ length: 40 }, () => send(asAda, grace)));
        reading = false;
        await reads;
        await readUpTo(first.id).expect(204);
        assert.deepEqual(await unread(asGrace), [40]);
      });

      test('cannot be without a UUID, or with another field', async () => {
        for (const body of [{ up_to: 'x' }, { up_to: null }, { upTo: randomUUID() }, []]) {
          await asGrace.put(`/api/chat/conversation/${ada}/read`).send(body).expect(400);
        }
      });

      test('need not be named: without up_to, or without a body, all are', async () => {
        for (const body of [{}, undefined]) {
          await send(asAda, grace);
          await asGrace.put(`/api/chat/conversation/${ada}/read`).send(body).expect(204);
          assert.deepEqual(await unread(asGrace), [0]);
        }
      });
    });

    test('become fewer when one of them is deleted, not when a read one is', async () => {
      const read = await send(asAda, grace);
      await asGrace.put(`/api/chat/conversation/${ada}/read`).expect(204);
      const [first] = [await send(asAda, grace), await send(asAda, grace), await send(asGrace, ada)];
      assert.deepEqual(await unread(asGrace), [2]);
      await asAda.delete(`/api/chat/${first.id}`).expect(204);
      assert.deepEqual(await unread(asGrace), [1]);
      await asAda.delete(`/api/chat/${read.id}`).expect(204);
      assert.deepEqual([await unread(asAda), await unread(asGrace)], [[1], [1]]);
    });
  });

  describe('deleting messages', () => {
    test('brings back the message before the last one, and takes the conversation away with its last', async () => {
      const [one, two, three] = [await send(asAda, grace), await send(asGrace, ada), await send(asAda, grace)];
      const last = async () =>
        (await Promise.all([conversations(asAda), conversations(asGrace)])).map((list) =>
          ids(list.map(({ last_message }) => last_message)),
        );

      await asGrace.delete(`/api/chat/${two.id}`).expect(204);
      assert.deepEqual(await last(), [[three.id], [three.id]]);
      await asAda.delete(`/api/chat/${three.id}`).expect(204);
      assert.deepEqual(await last(), [[one.id], [one.id]]);
      await asAda.delete(`/api/chat/${one.id}`).expect(204);
      assert.deepEqual(await last(), [[], []]);

      const again = await send(asGrace, ada);
      assert.deepEqual(await conversations(asAda), [{ peer_id: grace, last_message: again, unread_count: 1 }]);
    });
  });
});
