import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type Ear, Person } from '../support/person.ts';

const SENT_BEFORE_THE_STOP = 20;

describe('a gateway that stops while people talk', () => {
  let system: System;
  before(async () => {
    system = await startSystem({ env: { LOG_LEVEL: 'warn', BCRYPT_COST: '4' } });
  });
  after(() => system.stop());

  test('has the chat close every socket with 1001, and no acknowledged message is lost or doubled', async () => {
    const [ada, bob] = await Promise.all([Person.join(system.url), Person.join(system.url)]);
    const ears = await Promise.all([ada.connect('header'), ada.connect('cookie'), bob.connect('header')]);
    const [desk] = ears as [Ear, Ear, Ear];
    const codes = ears.map(async ({ socket }) => (await once(socket, 'close'))[0] as number);

    let sent = 0;
    const talk = setInterval(() => {
      if (desk.socket.readyState !== desk.socket.OPEN) return;
      desk.say({ receiver: bob.id, text: `message ${sent}`, client_id: sent });
      sent += 1;
    }, 5);
    const acknowledged = () => desk.frames.filter(({ client_id }) => client_id !== undefined);
    await waitFor('messages', () => acknowledged().length >= SENT_BEFORE_THE_STOP, { deadlineMs: 20_000 });
    await system.services.gateway.stop();
    clearInterval(talk);
    assert.deepEqual(await Promise.all(codes), [1001, 1001, 1001]);
    assert.deepEqual(await system.services.gateway.exited, { code: 0, signal: null });

    await system.services.gateway.restart();
    const texts = await textsOf(ada, bob.id);
    assert.equal(new Set(texts).size, texts.length, 'none is doubled');
    for (const { message } of acknowledged()) assert.ok(texts.includes(message.text), `${message.text} is lost`);
  });
});

async function textsOf(person: Person, peer: string): Promise<string[]> {
  const texts: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await person.get(`chat/conversation/${peer}?limit=100${cursor}`);
    texts.push(...body.items.map(({ text }: { text: string }) => text));
    if (body.next_cursor == null) return texts;
    cursor = `&cursor=${body.next_cursor}`;
  }
}
