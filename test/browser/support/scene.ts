import { waitFor } from '@wave-connect/dev-env/waiting';
import type { Browser } from 'playwright-core';
import { portrait } from './picture.ts';
import { Visitor } from './visitor.ts';

const SOON = { deadlineMs: 20_000 };

const PEOPLE = [
  {
    username: 'ada_lovelace',
    bio: 'Analyst and metaphysician. Notes on engines.',
    ground: '#0a6670',
    figure: '#f4e6b8',
  },
  { username: 'grace_hopper', bio: 'Compilers, and moths.', ground: '#42327f', figure: '#f5d9e2' },
  { username: 'jacquard', bio: 'Weaver. Cards punched to order.', ground: '#ab2318', figure: '#f4e6b8' },
];

const POSTS = [
  ['jacquard', 'Twenty-four thousand cards for one portrait in silk. Nobody believes it is woven.'],
  ['grace_hopper', 'Found a moth in the relay. Taped it into the log book, for the record.'],
  ['ada_lovelace', 'The engine weaves algebraic patterns just as the Jacquard loom weaves flowers and leaves.'],
  ['jacquard', 'A new pattern for the spring: leaves, mostly.'],
  ['grace_hopper', 'It is easier to ask forgiveness than it is to get permission.\n\nBut do write a test.'],
] as const;

const COMMENTS = [
  ['jacquard', 'As a loom weaves leaves. I could not have said it better.'],
  ['grace_hopper', 'And who debugs the pattern?'],
] as const;

const TALK = [
  ['grace_hopper', 'I read your notes on the engine. All of them.'],
  ['ada_lovelace', 'All of them? Even note G?'],
  ['grace_hopper', 'Note G twice. There is a mistake in the fourth operation, I think.'],
  ['ada_lovelace', 'You are right! You are the first to find it.'],
  ['grace_hopper', 'Do you have time tomorrow? I would like to show you a compiler.'],
] as const;

export type Scene = { people: Record<string, Visitor>; ids: Record<string, string>; post: string };

/** Three people who have something to say, for pictures of the web app. */
export async function playScene(browser: Browser, url: string): Promise<Scene> {
  const people: Record<string, Visitor> = {};
  const ids: Record<string, string> = {};
  const by = (name: string): Visitor => people[name] ?? raise(name);
  for (const { username, bio, ground, figure } of PEOPLE) {
    const person = await Visitor.arrive(browser, url, username);
    await person.signUp();
    await person.ask('PUT', 'profile/', { username, bio });
    await person.send('PUT', 'profile/avatar/', await portrait(browser, ground, figure), 'image/png');
    people[username] = person;
    ids[username] = (await person.ask('GET', 'auth/id/')).id;
  }
  const posts: Record<string, string> = {};
  for (const [name, text] of POSTS) posts[name] = (await by(name).ask('POST', 'feed/', { text })).id;
  const post = posts.ada_lovelace ?? '';
  for (const [name, text] of COMMENTS) await by(name).ask('POST', `feed/${post}/comment/`, { text });
  for (const [name, text] of TALK) {
    const receiver = ids[name === 'ada_lovelace' ? 'grace_hopper' : 'ada_lovelace'];
    await by(name).ask('POST', 'chat/', { receiver, text });
  }
  await by('jacquard').ask('POST', 'chat/', { receiver: ids.ada_lovelace, text: 'The cards are ready, come and see.' });
  const authors = async () => (await by('jacquard').ask('GET', 'feed/')).items as { author: { avatar_url: string } }[];
  await waitFor('the authors', async () => (await authors()).every(({ author }) => author?.avatar_url), SOON);
  return { people, ids, post };
}

function raise(name: string): never {
  throw new Error(`nobody is called ${name}`);
}
