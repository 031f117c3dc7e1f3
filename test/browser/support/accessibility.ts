import assert from 'node:assert/strict';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const GRAVE = ['serious', 'critical'];
/** WCAG 2.2 AA, and what axe's authors hold to be good besides. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Fails on what axe finds grave on the page as it shows now. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  const { violations, passes } = (await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(RULES)} })`)) as AxeResults;
  assert.notEqual(passes.length, 0, `axe looked at ${what}`);
  const grave = violations.filter(({ impact }) => GRAVE.includes(impact ?? ''));
  assert.deepEqual(
    grave.map(
      ({ id, nodes }) =>
        `${what}: ${id} at ${nodes.map(({ target, failureSummary }) => `${target} (${failureSummary})`).join(', ')}`,
    ),
    [],
  );
}
