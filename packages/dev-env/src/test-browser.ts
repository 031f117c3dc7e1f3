import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The program of a Chromium on this machine, if there is one. */
export function chromium(path = process.env.PATH ?? ''): string | undefined {
  const files = path.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return files.find(isExecutable);
}

/** Why tests in a browser are left out, if so: for the `skip` of a test. */
export function testBrowserUnavailable(): string | undefined {
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
