import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startSystem } from '@wave-connect/dev-env/system';
import type { BrowserContextOptions } from 'playwright-core';
import { openBrowser } from './support/browser.ts';
import { playScene } from './support/scene.ts';
import { Visitor } from './support/visitor.ts';

/**
 * Takes pictures of the web app, as it shows to a person with posts and conversations, into the folder that is the first
 * argument; with `all` behind it of each page, on a phone and on a desktop, light and dark.
 */
const [folder = 'docs/images', all] = process.argv.slice(2);
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true };
const DESKTOP: BrowserContextOptions = { viewport: { width: 1_200, height: 760 } };

const [system, browser] = await Promise.all([
  startSystem({ env: { LOG_LEVEL: 'error', BCRYPT_COST: '4' }, serviceEnv: { gateway: { RATE_LIMIT: 'off' } } }),
  openBrowser(),
]);
try {
  const { ids, post } = await playScene(browser, system.url);
  const paths = {
    feed: '/',
    post: `/posts/${post}`,
    profile: '/people/grace_hopper',
    messages: '/messages',
    conversation: `/messages/${ids.grace_hopper}`,
    settings: '/settings',
  };
  const wanted = [
    { device: 'desktop', scheme: 'light', pages: ['feed'] },
    { device: 'desktop', scheme: 'dark', pages: ['post'] },
    { device: 'phone', scheme: 'light', pages: ['profile'] },
    { device: 'phone', scheme: 'dark', pages: ['conversation'] },
  ] as const;
  await mkdir(folder, { recursive: true });
  for (const { device, scheme, pages } of wanted) {
    const options = { ...(device === 'phone' ? PHONE : DESKTOP), colorScheme: scheme };
    const ada = await Visitor.arrive(browser, system.url, 'ada_lovelace', options);
    const take = (name: string) => ada.page.screenshot({ path: join(folder, `${name}-${device}-${scheme}.png`) });
    await ada.page.goto('/login');
    await ada.page.getByLabel('Password').waitFor();
    if (all) await take('log-in');
    await ada.logIn();
    await ada.page.getByRole('heading', { name: 'Home' }).waitFor();
    for (const [name, path] of Object.entries(paths)) {
      if (!all && !(pages as readonly string[]).includes(name)) continue;
      await ada.page.goto(path);
      await ada.page.waitForLoadState('networkidle');
      await take(name);
    }
    await ada.context.close();
  }
} finally {
  await browser.close();
  await system.stop();
}
