import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The program of a Chromium on this machine, if there is one. */
export function chromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

/** Why tests in a browser are left out, if so: for the `skip` of a test. */
export function testBrowserUnavailable(): string | undefined {
  if (process.env.SKIP_BROWSER) return `SKIP_BROWSER is set (${process.env.SKIP_BROWSER})`;
  return chromium() === undefined ? `none of ${NAMES.join(', ')} is on the PATH` : undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
