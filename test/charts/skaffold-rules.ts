import { existsSync, globSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { parse } from 'yaml';
import { root } from './charts.ts';

type SyncRule = { src: string; dest: string };
type Artifact = {
  image: string;
  docker: { dockerfile: string; buildArgs: { SERVICE: string } };
  sync?: { manual: SyncRule[] };
};
type Release = {
  name: string;
  chartPath: string;
  namespace: string;
  valuesFiles?: string[];
  setValueTemplates?: Record<string, string>;
};
type Patch = { op?: string; path: string; value?: unknown };
export type Skaffold = {
  build: { artifacts: Artifact[] };
  deploy: { helm: { releases: Release[] } };
  portForward: { resourceName: string; namespace: string; port: number; localPort: number }[];
  profiles: { name: string; patches: Patch[] }[];
};

/** skaffold.yaml, or what is like it; anchors are resolved. */
export const readSkaffold = (yaml: string): Skaffold => parse(yaml);

/**
 * The configuration that Skaffold uses with a profile.
 * @throws where a patch leads nowhere, as Skaffold does
 */
export function withProfile(config: Skaffold, name: string): Skaffold {
  const profile = config.profiles.find((candidate) => candidate.name === name);
  if (profile === undefined) throw new Error(`no profile ${name}`);
  const patched = withoutEmptyFields(structuredClone(config)) as Skaffold;
  for (const patch of profile.patches) applyPatch(patched, patch);
  return patched;
}

/** Skaffold writes its configuration anew before it applies patches, and leaves out empty fields. */
function withoutEmptyFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyFields);
  if (typeof value !== 'object' || value === null) return value;
  const isEmpty = (field: unknown) => field === null || field === '' || (Array.isArray(field) && field.length === 0);
  const fields = Object.entries(value).filter(([, field]) => !isEmpty(field));
  return Object.fromEntries(fields.map(([key, field]) => [key, withoutEmptyFields(field)]));
}

/** `replace` wants what it replaces to be there; `add` is content where its parent is. */
function applyPatch(config: Skaffold, { op = 'replace', path, value }: Patch): void {
  const keys = path.split('/').slice(1);
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], config);
  if (typeof parent !== 'object' || parent === null || (op !== 'add' && !(last in parent)))
    throw new Error(`invalid path: ${path}`);
  if (op !== 'add' && op !== 'replace') throw new Error(`no rule for the patch ${op}`);
  if (Array.isArray(parent) && op === 'add') parent.splice(last === '-' ? parent.length : Number(last), 0, value);
  else (parent as Record<string, unknown>)[last] = value;
}

/** Skaffold's name for what it knows of an image. */
const variable = (what: string, image: string) => `{{.IMAGE_${what}_${image.replaceAll(/[^A-Za-z0-9]/g, '_')}}}`;

/** Images that are built and that no chart value takes. */
export function unusedArtifacts({ build, deploy }: Skaffold): string[] {
  const values = Object.assign({}, ...deploy.helm.releases.map(({ setValueTemplates }) => setValueTemplates ?? {}));
  return build.artifacts
    .filter(({ image, docker: { buildArgs } }) => {
      const named = `${buildArgs.SERVICE}.image`;
      return !(
        values[`${named}.repository`] === variable('REPO', image) &&
        values[`${named}.tag`] === variable('TAG', image) &&
        values[`${named}.digest`] === variable('DIGEST', image)
      );
    })
    .map(({ image }) => image);
}

/** What `--default-repo` makes of an image's name: all that divides names becomes an underscore. */
export const behindDefaultRepo = (repo: string, image: string): string =>
  `${repo}/${image.replaceAll(/[/._:@]/g, '_')}`;

/** Files, folders and sources of sync rules that are named and not there. */
export function missingPaths({ build, deploy }: Skaffold): string[] {
  const files = [
    ...build.artifacts.map(({ docker }) => docker.dockerfile),
    ...deploy.helm.releases.flatMap(({ chartPath, valuesFiles = [] }) => [chartPath, ...valuesFiles]),
  ];
  const sources = build.artifacts.flatMap(({ sync }) => sync?.manual.map(({ src }) => src) ?? []);
  return [
    ...files.filter((path) => !existsSync(join(root, path))),
    ...[...new Set(sources)].filter((pattern) => globSync(pattern, { cwd: root }).length === 0),
  ];
}

/** Where `skaffold dev` copies a changed file in a service's pods; nowhere where it builds the image again instead. */
export function syncedTo({ build }: Skaffold, service: string, file: string): string[] {
  const artifact = build.artifacts.find(({ docker }) => docker.buildArgs.SERVICE === service);
  const rules = artifact?.sync?.manual.filter(({ src }) => matchesGlob(file, src)) ?? [];
  return rules.map(({ dest }) => `${dest}/${file}`);
}
