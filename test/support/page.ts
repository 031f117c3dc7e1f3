import assert from 'node:assert/strict';
import { test } from 'node:test';

/** Tests that the gateway's image has the web app in it, with the scripts that its page names. `url` is asked for when it runs. */
export function testPage(url: () => string): void {
  test('the web app is there, and so is what it loads', async () => {
    const page = await fetch(`${url()}/`);
    assert.equal(page.status, 200);
    const [, script] = /<script type="module"[^>]* src="([^"]+)"/.exec(await page.text()) ?? [];
    assert.ok(script);
    const { status, headers } = await fetch(new URL(script, url()));
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /javascript/);
  });
}
