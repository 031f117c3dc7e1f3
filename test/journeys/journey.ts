import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../support/buses.ts';
import { type Ear, Person } from '../support/person.ts';
import { PNG } from '../support/png.ts';

/**
 * Two people's way through everything that the system does for people, as tests of the `describe` that this is called in.
 * `url` is that of the gateway, asked for when the tests run.
 */
export function testJourney(url: () => string): void {
  let ada: Person;
  let bob: Person;
  let post: string;
  let remark: string;
  const suffix = randomUUID().slice(0, 8);
  const names = { ada: `Ada_${suffix}`, bob: `bob_${suffix}` };

  test('two people register, and their profiles appear by event', async () => {
    [ada, bob] = await Promise.all([Person.join(url()), Person.join(url())]);
    for (const person of [ada, bob]) {
      await waitFor('a profile', async () => (await person.get(`profile/${person.id}`)).status === 200, EVENTUALLY);
      const { body } = await person.get(`profile/${person.id}`);
      assert.equal(body.username, null);
    }
    const { body: self } = await ada.get('auth/id/');
    assert.equal(self.email, ada.email);
  });

  test('both complete their profiles, and one sets an avatar', async () => {
    const completed = await ada.ask('POST', 'profile/', { username: names.ada, bio: 'Notes on engines' });
    assert.equal(completed.status, 201);
    assert.equal((await bob.ask('POST', 'profile/', { username: names.ada.toUpperCase() })).status, 409);
    assert.equal((await bob.ask('POST', 'profile/', { username: names.bob })).status, 201);
    const set = await ada.ask('PUT', 'profile/avatar/', PNG, { 'Content-Type': 'image/png' });
    assert.equal(set.status, 204);
    const { body } = await bob.get(`profile/username/${names.ada.toLowerCase()}`);
    assert.equal(body.id, ada.id);
    const avatar = await bob.get(body.avatar_url.replace('/api/', ''));
    assert.equal(avatar.body.subarray(8, 12).toString(), 'WEBP');
    assert.equal(avatar.headers['content-type'], 'image/webp');
  });

  test('posts carry their author, who came by event', async () => {
    const created = await ada.ask('POST', 'feed/', { text: 'The engine weaves algebraic patterns.' });
    assert.equal(created.status, 201);
    post = created.body.id;
    const author = async () => (await bob.get(`feed/${post}`)).body.author;
    await waitFor('the author', async () => (await author())?.avatar_url != null, EVENTUALLY);
    assert.deepEqual(await author(), { username: names.ada, avatar_url: `/api/profile/avatar/${ada.id}` });
    const { body: page } = await bob.get('feed/');
    assert.equal(page.items[0].id, post);
    const { body: own } = await bob.get(`feed/user/${ada.id}`);
    assert.deepEqual(
      own.items.map((item: { id: string }) => item.id),
      [post],
    );
  });

  test('people comment, and only who may change a thing changes it', async () => {
    const created = await bob.ask('POST', `feed/${post}/comment/`, { text: 'As a loom weaves leaves.' });
    assert.equal(created.status, 201);
    remark = created.body.id;
    assert.equal((await ada.get(`feed/${post}`)).body.comment_count, 1);
    assert.equal((await bob.ask('PUT', `feed/${post}`, { text: 'mine' })).status, 403);
    assert.equal((await bob.ask('DELETE', `feed/${post}`)).status, 403);
    assert.equal((await ada.ask('PUT', `feed/${post}/`, { text: 'The engine weaves.' })).status, 200);
    const { body } = await ada.get(`feed/${post}/comment/`);
    assert.equal(body.items[0].id, remark);
    await waitFor(
      'the author of the comment',
      async () => (await ada.get(`feed/${post}/comment/`)).body.items[0].author?.username === names.bob,
      EVENTUALLY,
    );
  });

  test('they chat over WebSocket, one by header and one by cookie, on every device', async () => {
    const ears = await Promise.all([ada.connect('header'), ada.connect('cookie'), bob.connect('cookie')]);
    const [desk, phone, other] = ears as [Ear, Ear, Ear];
    desk.say({ receiver: bob.id, text: 'Hello Bob', client_id: 'c-1' });
    await waitFor('all three to hear', () => ears.every((ear) => ear.frames.length === 1), EVENTUALLY);
    assert.equal(desk.frames[0].client_id, 'c-1');
    assert.equal(phone.frames[0].client_id, undefined);
    assert.equal(other.frames[0].message.text, 'Hello Bob');
    other.say({ receiver: ada.id, text: 'Hello Ada' });
    await waitFor('the reply', () => ears.every((ear) => ear.frames.length === 2), EVENTUALLY);
    other.say({ receiver: 'no id', text: '' });
    await waitFor('an error', () => other.frames.at(-1)?.type === 'error', EVENTUALLY);
    for (const ear of ears) ear.socket.close();
  });

  test('history and unread counts tell the same story', async () => {
    const sent = await ada.ask('POST', 'chat/', { receiver: bob.id, text: 'One more' });
    assert.equal(sent.status, 201);
    const texts = (await bob.get(`chat/conversation/${ada.id}`)).body.items.map((m: { text: string }) => m.text);
    assert.deepEqual(texts, ['One more', 'Hello Ada', 'Hello Bob']);
    const [conversation] = (await bob.get('chat/conversation')).body.items;
    assert.equal(conversation.peer_id, ada.id);
    assert.equal(conversation.last_message.text, 'One more');
    assert.equal(conversation.unread_count, 2);
    assert.equal((await bob.ask('PUT', `chat/conversation/${ada.id}/read`)).status, 204);
    assert.equal((await bob.get('chat/conversation')).body.items[0].unread_count, 0);
    const other = await Person.join(url());
    assert.equal((await other.get(`chat/${sent.body.id}`)).status, 404);
  });

  test('deleting an account removes the person everywhere', async () => {
    assert.equal((await ada.ask('DELETE', 'auth/')).status, 204);
    const gone = {
      'the profile': async () => (await bob.get(`profile/${ada.id}`)).status === 404,
      'the post': async () => (await bob.get(`feed/${post}`)).status === 404,
      'the comments on it': async () => (await bob.get(`feed/${post}/comment/`)).status === 404,
      'the posts of the person': async () => (await bob.get(`feed/user/${ada.id}`)).body.items.length === 0,
      'the conversation': async () => (await bob.get('chat/conversation')).body.items.length === 0,
      'the messages': async () => (await bob.get(`chat/conversation/${ada.id}`)).body.items.length === 0,
    };
    for (const [what, isGone] of Object.entries(gone)) await waitFor(`${what} to be gone`, isGone, EVENTUALLY);
    for (const [path, content] of [
      ['feed/', { text: 'from beyond' }],
      ['chat/', { receiver: bob.id, text: 'from beyond' }],
      ['profile/', { username: `ghost_${suffix}` }],
    ] as const) {
      assert.equal((await ada.ask('POST', path, content)).status, 401, path);
    }
    assert.equal((await bob.ask('POST', 'chat/', { receiver: ada.id, text: 'still there?' })).status, 404);
    assert.equal((await ada.logIn()).status, 401);
  });
}
