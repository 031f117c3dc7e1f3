import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type { Browser } from 'playwright-core';
import { EVENTUALLY } from '../support/buses.ts';
import { noBrowser, openBrowser } from './support/browser.ts';
import { picture } from './support/picture.ts';
import { Visitor } from './support/visitor.ts';

describe('two people use the web app', { skip: noBrowser }, () => {
  let system: System;
  let browser: Browser;
  let ada: Visitor;
  let bob: Visitor;

  before(async () => {
    [system, browser] = await Promise.all([
      startSystem({ env: { LOG_LEVEL: 'warn', BCRYPT_COST: '4' } }),
      openBrowser(),
    ]);
    ada = await Visitor.arrive(browser, system.url, 'ada_lovelace');
    bob = await Visitor.arrive(browser, system.url, 'charles_b', { viewport: { width: 390, height: 780 } });
  });
  after(async () => {
    await browser?.close();
    await system?.stop();
  });

  test('a person who is not logged in is shown the way, and back', async () => {
    await ada.page.goto('/settings');
    await ada.page.waitForURL('/login?next=%2Fsettings');
    await ada.page.getByRole('link', { name: 'Sign up' }).click();
    await ada.page.waitForURL('/signup?next=%2Fsettings');
  });

  test('both sign up and choose a username', async () => {
    await Promise.all([ada.signUp(), bob.signUp()]);
    assert.equal(new URL(ada.page.url()).pathname, '/');
  });

  test('a post shows to its author at once, and to others behind a hint that does not move what they read', async () => {
    await ada.publish('The engine weaves <i>algebraic</i> patterns.');
    const hint = bob.page.getByRole('button', { name: 'Show 1 new post' });
    await hint.waitFor();
    assert.equal(await bob.post('The engine').count(), 0);
    await hint.click();
    await bob.post('The engine weaves <i>algebraic</i> patterns.').waitFor();
    await bob.post('The engine').getByRole('link', { name: 'ada_lovelace' }).waitFor();
  });

  test('a comment of one shows to the other, who looks at the post', async () => {
    await ada.post('The engine').getByRole('link', { name: '0 comments' }).click();
    await ada.page.getByText('No comments yet.').waitFor();
    await bob.post('The engine').getByRole('link', { name: '0 comments' }).click();
    await bob.page.getByRole('textbox', { name: 'Write a comment' }).fill('As a loom weaves leaves.');
    await bob.page.getByRole('button', { name: 'Comment', exact: true }).click();
    await bob.page.getByRole('link', { name: '1 comment' }).waitFor();
    await ada.comeBack();
    await ada.post('As a loom weaves leaves.').waitFor();
    await ada.post('The engine').getByRole('link', { name: '1 comment' }).waitFor();
  });

  test('an author changes a post, and others see the change without a reload', async () => {
    await bob.goTo('Home');
    await ada.goTo('Home');
    await ada.post('The engine').getByRole('button', { name: 'Edit' }).click();
    await ada.page.getByLabel('Edit your post').fill('The engine weaves.');
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await ada.post('The engine weaves.').getByRole('button', { name: 'Edit' }).waitFor();
    await bob.comeBack();
    await bob.page.getByText('The engine weaves.', { exact: true }).waitFor();
    assert.equal(await bob.post('The engine').getByRole('button', { name: 'Edit' }).count(), 0);
  });

  test('they chat live, and what is unread is counted until it is read', async () => {
    await bob.writeTo('ada_lovelace');
    await bob.say('Hello Ada');
    await bob.page.getByText(/Sent$/).waitFor();
    await ada.page.getByRole('link', { name: /Messages.*1 unread/ }).waitFor();
    await ada.goTo('Messages');
    await ada.page.getByRole('link', { name: /Hello Ada/ }).click();
    await ada.message('Hello Ada').waitFor();
    await ada.say('Hello Charles');
    await bob.message('Hello Charles').waitFor();
    await ada.goTo('Home');
    await ada.page.getByRole('link', { name: 'Messages', exact: true }).waitFor();
  });

  test('who was offline catches up, and what they wrote meanwhile is sent: all of it once, in order', async () => {
    await ada.goTo('Messages');
    await ada.page.getByRole('link', { name: /charles_b/ }).click();
    await bob.context.setOffline(true);
    await bob.page.getByText('You are offline.').waitFor();
    await bob.say('Written in a tunnel');
    await bob.page.getByText('Waiting for a connection…').waitFor();
    for (const text of ['Are you there?', 'I go ahead', 'See you']) await ada.say(text);
    await ada.page.getByText(/Sent$/).waitFor();
    assert.equal(await bob.message('See you').count(), 0);
    await bob.context.setOffline(false);
    await ada.message('Written in a tunnel').waitFor();
    await bob.message('See you').waitFor();
    const all = ['Hello Ada', 'Hello Charles', 'Are you there?', 'I go ahead', 'See you', 'Written in a tunnel'];
    for (const each of [ada, bob]) assert.deepEqual(await each.messages(), all);
  });

  test('an avatar is cut and made smaller before it is sent, and shows beside what its owner wrote', async () => {
    await ada.goTo('Settings');
    await ada.page.getByLabel('Choose a picture').setInputFiles(await picture(browser, 2_400, 1_200));
    await ada.page.getByLabel('Zoom').fill('2');
    const sent = ada.page.waitForRequest((request) => request.method() === 'PUT');
    await ada.page.getByRole('button', { name: 'Use this picture' }).click();
    assert.equal((await (await sent).response())?.status(), 204);
    await ada.page.locator('main img[src^="blob:"]').waitFor();
    await bob.goTo('Home');
    await bob.page.reload();
    const shown = bob.post('The engine weaves.').locator('img');
    await shown.waitFor();
    assert.deepEqual(
      await shown.evaluate(({ naturalWidth, naturalHeight }: HTMLImageElement) => [naturalWidth, naturalHeight]),
      [512, 512],
    );
  });

  test('who logs out is logged out in every tab, and comes back to where they were', async () => {
    const tab = await bob.context.newPage();
    await tab.goto('/messages');
    await tab.getByRole('heading', { name: 'Messages' }).waitFor();
    await bob.goTo('Settings');
    await bob.page.getByRole('button', { name: 'Log out' }).click();
    await bob.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await tab.waitForURL('/login?next=%2Fmessages');
    assert.deepEqual(await bob.context.cookies(), []);
    await tab.close();
    await bob.logIn();
    await bob.page.getByRole('heading', { name: 'Settings' }).waitFor();
  });

  test('a deleted account is gone with all that it wrote, and nobody can log in to it', async () => {
    await bob.goTo('Home');
    await bob.post('The engine weaves.').waitFor();
    await ada.page.getByRole('button', { name: 'Delete account' }).click();
    const yes = ada.page.getByRole('button', { name: 'Delete everything' });
    assert.equal(await yes.isDisabled(), true);
    await ada.page.getByLabel('Your username').fill('ada_lovelace');
    await yes.click();
    await ada.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    const isGone = async () => {
      await bob.comeBack();
      return (await bob.post('The engine weaves.').count()) === 0;
    };
    await waitFor('the post to be gone', isGone, EVENTUALLY);
    ada.expectStatus(401);
    await ada.logIn();
    await ada.page.getByRole('alert').getByText('Email or password is wrong.').waitFor();
  });

  test('neither browser has complained of anything', () => {
    ada.assertNoComplaints();
    bob.assertNoComplaints();
  });
});
