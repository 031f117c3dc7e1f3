import type { Page } from 'playwright-core';

/** What Chromium writes to the console for a response of 400 or more. */
const FAILED_REQUEST = /Failed to load resource: the server responded with a status of (\d{3})/;

/** Keeps whatever a page complains of: errors and warnings of the console, uncaught errors, violations of its policy. */
export function collectComplaints(page: Page): { list: string[]; expectStatus(status: number): void } {
  const list: string[] = [];
  const expected = new Set<string>();
  const complain = (complaint: string) => list.push(`${complaint} (at ${page.url()})`);
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const [, status = ''] = FAILED_REQUEST.exec(message.text()) ?? [];
    if (!expected.has(status)) complain(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complain(`uncaught: ${error.message}`));
  page.on('crash', () => complain('crashed'));
  return { list, expectStatus: (status) => expected.add(String(status)) };
}
