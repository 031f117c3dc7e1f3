import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type { Browser } from 'playwright-core';
import { EVENTUALLY } from '../support/buses.ts';
import { assertAccessible } from './support/accessibility.ts';
import { noBrowser, openBrowser } from './support/browser.ts';
import { picture } from './support/picture.ts';
import { Visitor } from './support/visitor.ts';

/** What has moved on a page without anybody's doing, each with how much. */
declare const shifts: { value: number }[];

const PHONE = { width: 390, height: 780 };
const DESKTOP = { width: 1_280, height: 800 };
const TITLE = /^The (\d+)\. thought$/;

describe('the web app', { skip: noBrowser }, () => {
  let system: System;
  let browser: Browser;
  let ada: Visitor;
  let bob: Visitor;
  let post: string;
  let adaId: string;

  before(async () => {
    const env = { LOG_LEVEL: 'warn', BCRYPT_COST: '4', RATE_LIMIT_PER_MINUTE: '10000' };
    [system, browser] = await Promise.all([startSystem({ env }), openBrowser()]);
    ada = await Visitor.arrive(browser, system.url, 'ada_lovelace', { viewport: DESKTOP });
    bob = await Visitor.arrive(browser, system.url, 'charles_b', { viewport: PHONE });
    await ada.signUp();
    await bob.signUp();
    ({ id: adaId } = await ada.ask('GET', 'auth/id/'));
    for (let at = 1; at <= 45; at += 1) ({ id: post } = await ada.ask('POST', 'feed/', { text: `The ${at}. thought` }));
    await bob.ask('POST', `feed/${post}/comment/`, { text: 'And a remark' });
    await bob.ask('POST', 'chat/', { receiver: adaId, text: 'Hello Ada' });
  });
  after(async () => {
    await browser?.close();
    await system?.stop();
  });

  test('a list goes on as one scrolls, each post once and in order', async () => {
    await ada.page.goto('/');
    await ada.post('The 45. thought').waitFor();
    while ((await ada.page.getByText('That is all there is.').count()) === 0) {
      await ada.page.getByRole('article').last().scrollIntoViewIfNeeded();
      await ada.page.mouse.wheel(0, 2_000);
    }
    const texts = await ada.page.getByRole('article').getByText(TITLE).allTextContents();
    assert.deepEqual(
      texts.map((text) => Number(TITLE.exec(text)?.[1])),
      Array.from({ length: 45 }, (_, at) => 45 - at),
    );
  });

  for (const [colorScheme, viewport] of [
    ['light', DESKTOP],
    ['dark', PHONE],
  ] as const) {
    test(`nothing on any page keeps anybody out, ${colorScheme} and ${viewport.width} px wide`, async () => {
      const reader = await Visitor.arrive(browser, system.url, 'charles_b', { colorScheme, viewport });
      const look = async (path: string, shows: string) => {
        await reader.page.goto(path);
        await reader.page.locator('main').getByText(shows).first().waitFor();
        await assertAccessible(reader.page, path);
      };
      await look('/signup', 'Create your account');
      await look('/login', 'Welcome back');
      await reader.logIn();
      await reader.post('The 45. thought').waitFor();
      await assertAccessible(reader.page, '/');
      await look(`/posts/${post}`, 'And a remark');
      await look('/people/ada_lovelace', 'The 45. thought');
      await look('/people/charles_b', 'No posts yet');
      await look('/messages', 'Hello Ada');
      await look(`/messages/${adaId}`, 'Hello Ada');
      await look('/settings', 'Appearance');
      await reader.page.getByLabel('Choose a picture').setInputFiles(await picture(browser, 600, 400));
      await reader.page.getByLabel('Zoom').waitFor();
      await assertAccessible(reader.page, 'the choice of a part of a picture');
      await reader.page.getByRole('button', { name: 'Cancel' }).click();
      await reader.page.getByRole('button', { name: 'Delete account' }).click();
      await assertAccessible(reader.page, 'the question before an account is deleted');
      reader.assertNoComplaints();
      await reader.context.close();

      const newcomer = await Visitor.arrive(browser, system.url, `new_${colorScheme}`, { colorScheme, viewport });
      await newcomer.register();
      await assertAccessible(newcomer.page, 'the welcome of a new account');
      newcomer.assertNoComplaints();
      await newcomer.context.close();
    });
  }

  test('nothing is wider than a phone', async () => {
    for (const path of ['/', '/messages', '/settings', '/people/ada_lovelace', `/posts/${post}`]) {
      await bob.page.goto(path);
      await bob.page.getByRole('heading', { level: 1 }).waitFor();
      const [width, room] = await bob.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok((width ?? 0) <= (room ?? 0), `${path}: ${width} of ${room}`);
    }
  });

  test('the keyboard reaches everything, and the first thing it reaches is the way past the navigation', async () => {
    await ada.page.goto('/');
    await ada.post('The 45. thought').waitFor();
    await ada.page.keyboard.press('Tab');
    assert.equal(await ada.page.locator(':focus').textContent(), 'Skip to content');
    await ada.page.keyboard.press('Enter');
    await ada.page.keyboard.press('Tab');
    await ada.page.keyboard.type('Written by keys alone');
    await ada.page.keyboard.press('Control+Enter');
    await ada.post('Written by keys alone').waitFor();
  });

  test('a question that is given up gives the focus back', async () => {
    await ada.page.goto('/');
    const remove = ada.post('The 45. thought').getByRole('button', { name: 'Delete' });
    for (const giveUp of [() => ada.page.keyboard.press('Escape'), () => ada.page.getByText('Cancel').click()]) {
      await remove.click();
      await ada.page.getByRole('dialog').waitFor();
      await giveUp();
      await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
      assert.equal(await remove.evaluate((button) => button === document.activeElement), true);
    }
  });

  test('who comes back to a list is where they left it', async () => {
    await bob.page.goto('/');
    await bob.post('The 30. thought').getByRole('link', { name: '0 comments' }).click();
    await bob.page.getByText('No comments yet.').waitFor();
    assert.equal(await bob.page.evaluate(() => scrollY), 0);
    await bob.page.goBack();
    await bob.post('The 30. thought').waitFor();
    assert.ok((await bob.page.evaluate(() => scrollY)) > 500);
  });

  test('nothing moves while a page loads', async () => {
    await bob.page.addInitScript(() => {
      Object.assign(globalThis, { shifts: [] });
      new PerformanceObserver((list) => shifts.push(...(list.getEntries() as unknown as typeof shifts))).observe({
        type: 'layout-shift',
      });
    });
    for (const [path, shows] of [
      ['/', 'The 45. thought'],
      ['/people/ada_lovelace', 'The 45. thought'],
      ['/messages', 'Hello Ada'],
      ['/settings', 'Appearance'],
    ] as const) {
      await bob.page.goto(path);
      await bob.page.locator('main').getByText(shows).first().waitFor();
      const shifted = await bob.page.evaluate(() => shifts.reduce((sum, { value }) => sum + value, 0));
      assert.ok(shifted < 0.02, `${path}: ${shifted}`);
    }
  });

  test('fields that the server refuses are marked, with its words', async () => {
    ada.expectStatus(400);
    await ada.page.goto('/settings');
    await ada.page.getByLabel('Username', { exact: true }).fill('a b');
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await ada.page.getByRole('alert').getByText('Bad Request').waitFor();
    const field = ada.page.getByLabel('Username', { exact: true });
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    const told = await field.evaluate((input) =>
      (input.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent),
    );
    assert.match(told.join(' '), /Username .*characters/);
  });

  test('what is taken is said so, and nothing is lost', async () => {
    ada.expectStatus(409);
    await ada.page.goto('/settings');
    await ada.page.getByLabel('Username', { exact: true }).fill('CHARLES_B');
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await ada.page.getByRole('alert').getByText('This username is taken.').waitFor();
    assert.equal(await ada.page.getByLabel('Username', { exact: true }).inputValue(), 'CHARLES_B');
  });

  test('who is told to wait sees for how long, and can go on then', async () => {
    ada.expectStatus(429);
    await ada.page.goto('/');
    await ada.post('The 45. thought').waitFor();
    let refused = 0;
    await ada.page.route('**/api/feed/', (route) => {
      if (route.request().method() !== 'POST' || refused > 0) return route.fallback();
      refused += 1;
      const problem = { type: '/problems/too-many-requests', title: 'Too Many Requests', status: 429, request_id: 'x' };
      return route.fulfill({
        status: 429,
        headers: { 'Retry-After': '2', 'Content-Type': 'application/problem+json' },
        body: JSON.stringify({ ...problem, detail: 'Too many requests; please slow down.' }),
      });
    });
    await ada.page.getByLabel('New post').getByRole('textbox').fill('In haste');
    await ada.page.getByRole('button', { name: 'Post', exact: true }).click();
    await ada.page.getByRole('alert').getByText('please slow down').waitFor();
    assert.equal(await ada.page.getByRole('button', { name: /^Try again in \d s$/ }).isDisabled(), true);
    await ada.page.getByRole('button', { name: 'Post', exact: true }).click();
    await ada.post('In haste').waitFor();
    await ada.page.unrouteAll();
  });

  test('a session that ends leads to the log-in, and back to where one was', async () => {
    bob.expectStatus(401);
    await bob.page.goto('/messages');
    await bob.page.getByText('Hello Ada').waitFor();
    await bob.context.clearCookies();
    await bob.comeBack();
    await bob.goTo('Settings');
    await bob.page.getByText('Your session has ended.').waitFor();
    await bob.logIn();
    await bob.page.getByRole('heading', { name: 'Settings' }).waitFor();
  });

  test('a page that is open while another version is put in place goes on with the new one', async () => {
    const reader = await Visitor.arrive(browser, system.url, 'charles_b');
    reader.expectStatus(404);
    await reader.page.goto('/login');
    await reader.logIn();
    await reader.post('The 45. thought').waitFor();
    let isNew = false;
    // What the gateway says of a part that only the version before had, until the web app is loaded again.
    await reader.page.route(/\/assets\/person-page-.*\.js$/, (route) =>
      isNew ? route.continue() : route.continue({ url: `${system.url}/assets/person-page-gone.js` }),
    );
    reader.page.on('request', (request) => {
      isNew ||= request.isNavigationRequest();
    });
    await reader.goTo('Profile');
    await reader.page.getByRole('heading', { name: 'charles_b' }).waitFor();
    assert.equal(isNew, true);
    reader.assertNoComplaints();
    await reader.context.close();
  });

  test('Back to a page of a session that has ended meanwhile shows nothing of it', async () => {
    const reader = await Visitor.arrive(browser, system.url, 'charles_b');
    await reader.page.goto('/login');
    await reader.logIn();
    await reader.post('The 45. thought').waitFor();
    // As another tab does, of which a page in the browser's cache is not told.
    await reader.page.evaluate(() => {
      localStorage.removeItem('wave.user');
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    await reader.page.getByText('Welcome back').waitFor();
    assert.equal(await reader.post('The 45. thought').count(), 0);
    await reader.context.close();
  });

  test('one tab logs out, others follow, and the browser has kept nothing', async () => {
    const reader = await Visitor.arrive(browser, system.url, 'charles_b');
    await reader.page.goto('/login');
    await reader.logIn();
    await reader.post('The 45. thought').waitFor();
    const other = await reader.context.newPage();
    await other.goto('/settings');
    await other.getByRole('button', { name: 'Log out' }).click();
    await reader.page.getByText('Welcome back').waitFor();
    await other.getByText('Welcome back').waitFor();
    await other.goBack();
    await reader.page.goto('/');
    await reader.page.getByText('Welcome back').waitFor();
    assert.deepEqual(await reader.page.evaluate(() => Object.keys(localStorage)), []);
    await reader.context.close();
  });

  test('complaints of a browser are noticed, and its policy holds', async () => {
    const victim = await Visitor.arrive(browser, system.url, 'nobody');
    await victim.page.goto('/login');
    const attempts = await victim.page.evaluate(() => {
      const script = document.createElement('script');
      const attempt = (what: () => void) => {
        try {
          what();
          return 'done';
        } catch (error) {
          return (error as Error).name;
        }
      };
      document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/pixel.png' }));
      return [
        attempt(() => document.body.insertAdjacentHTML('beforeend', '<b>markup</b>')),
        attempt(() => script.setAttribute('src', 'https://elsewhere.example/script.js')),
      ];
    });
    assert.deepEqual(attempts, ['TypeError', 'TypeError']);
    await waitFor('complaints', () => victim.complaints.length >= 3, EVENTUALLY);
    assert.throws(() => victim.assertNoComplaints());
    await victim.context.close();
  });

  test('neither browser has complained of anything', () => {
    ada.assertNoComplaints();
    bob.assertNoComplaints();
  });
});
