import { chromium as executable, testBrowserUnavailable } from '@wave-connect/dev-env/testing';
import { type Browser, chromium } from 'playwright-core';

/** For the `skip` of a test. */
export const noBrowser = testBrowserUnavailable() ?? false;

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A Chromium with a profile of its own, which is gone when it is closed. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executable() ?? '', headless: true, args: QUIET });
