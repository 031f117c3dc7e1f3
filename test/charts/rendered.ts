import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root, services } from './charts.ts';

/** A Kubernetes resource, as loosely as these tests read it. */
// biome-ignore lint/suspicious/noExplicitAny: the resources' own schemas check them
export type Resource = { kind: string; metadata: any; spec: any; [more: string]: any };

const MAX_BYTES = 16 * 1024 * 1024;

/** The helm that test/charts/run.sh installs, else the machine's. */
const HELM = [
  join(root, '.data/tools/bin/helm'),
  ...(process.env.PATH ?? '').split(':').map((dir) => join(dir, 'helm')),
].find(existsSync);

/** Why nothing can be rendered, for `skip`; false where it can. */
export const unrendered: string | false =
  HELM === undefined && process.env.CI !== 'true' ? 'no helm; `make charts` brings one' : false;

/** The umbrella chart with the others within, as `helm dependency build` lays it out. */
function assembled(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wave-charts-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copy = (chart: string, to: string) =>
    cpSync(join(root, 'charts', chart), to, { recursive: true, filter: (path) => !path.endsWith('.tgz') });
  copy('wave-connect', folder);
  for (const chart of ['common', 'kafka', ...services]) copy(chart, join(folder, 'charts', chart));
  return folder;
}

let chart: string | undefined;
const renderings = new Map<string, Resource[]>();

/** What `helm template` makes of the umbrella chart with a file of values, given from charts/wave-connect. */
export function render(values = 'values.yaml'): Resource[] {
  const rendering = renderings.get(values) ?? template(values);
  renderings.set(values, rendering);
  return rendering;
}

/** The same of a later version of all charts. Images keep their tag, which is a version's unless it is given. */
export function renderAs(version: string): Resource[] {
  const folder = assembled();
  for (const file of globSync('{Chart.yaml,charts/*/Chart.yaml}', { cwd: folder })) {
    const text = readFileSync(join(folder, file), 'utf8');
    writeFileSync(
      join(folder, file),
      text.replaceAll(/^( *)(version|appVersion): .*$/gm, (_, indent, key) => `${indent}${key}: ${version}`),
    );
  }
  return template('values.yaml', folder, '--set', 'global.imageTag=1.0.0');
}

const template = (values: string, folder?: string, ...more: string[]): Resource[] =>
  parseResources(renderText(values, folder, ...more));

/** The text that `helm template` writes; `more` are further arguments. */
export function renderText(values: string, folder?: string, ...more: string[]): string {
  chart ??= assembled();
  const file = join(root, 'charts/wave-connect', values);
  const args = ['template', 'wave', folder ?? chart, '--namespace', 'wave', '--values', file, ...more];
  return execFileSync(HELM ?? 'helm', args, { encoding: 'utf8', maxBuffer: MAX_BYTES, stdio: 'pipe' });
}

export const parseResources = (text: string): Resource[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((resource) => resource?.kind !== undefined);

export const ofKind = (resources: Resource[], kind: string) => resources.filter((each) => each.kind === kind);

/** The one resource of that kind and name. */
export function named(resources: Resource[], kind: string, name: string): Resource {
  const found = ofKind(resources, kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}
