import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from './charts.ts';

type Artifact = { image: string; docker: { dockerfile: string; buildArgs: { SERVICE: string } } };
type Release = {
  name: string;
  chartPath?: string;
  version?: string;
  namespace: string;
  valuesFiles: string[];
  setValueTemplates?: Record<string, string>;
};
type Patch = { op: string; path: string; value: unknown };
export type Skaffold = {
  metadata: { name: string };
  requires?: { configs: string[] }[];
  build?: { artifacts: Artifact[] };
  deploy: { helm: { releases: Release[] } };
  portForward?: { resourceName: string; namespace: string; port: number; localPort: number }[];
  profiles?: { name: string; patches: Patch[] }[];
};

export const readSkaffold = (yaml: string): Skaffold[] => parseAllDocuments(yaml).map((document) => document.toJS());

const artifactsOf = (configs: Skaffold[]) => configs.flatMap(({ build }) => build?.artifacts ?? []);
const releasesOf = (configs: Skaffold[]) => configs.flatMap(({ deploy }) => deploy.helm.releases);
/** Skaffold's name for what it knows of an image. */
const variable = (what: string, image: string) => `{{.IMAGE_${what}_${image.replaceAll(/[^A-Za-z0-9]/g, '_')}}}`;

/** Images that are built and that no chart value takes, and values that take something else. */
export function unusedArtifacts(configs: Skaffold[]): string[] {
  const values = Object.assign({}, ...releasesOf(configs).map(({ setValueTemplates }) => setValueTemplates ?? {}));
  return artifactsOf(configs)
    .filter(({ image, docker }) => {
      const { SERVICE } = docker.buildArgs;
      return !(
        image === `wave-connect/${SERVICE}` &&
        values[`${SERVICE}.image.repository`] === variable('REPO', image) &&
        values[`${SERVICE}.image.tag`] === variable('TAG', image) &&
        values[`${SERVICE}.image.digest`] === variable('DIGEST', image)
      );
    })
    .map(({ image }) => image);
}

/** Files and folders that are named and not there. */
export function missingPaths(configs: Skaffold[]): string[] {
  const patched = configs
    .flatMap(({ profiles }) => profiles ?? [])
    .flatMap(({ patches }) => patches.map(({ value }) => value));
  const synced = patched.flatMap((value) => (value as { manual?: { src: string }[] }).manual ?? []);
  const named = [
    ...artifactsOf(configs).map(({ docker }) => docker.dockerfile),
    ...releasesOf(configs).flatMap(({ chartPath, valuesFiles }) => [...(chartPath ? [chartPath] : []), ...valuesFiles]),
    ...patched.flatMap((value) => (Array.isArray(value) ? value : [])),
    ...synced.map(({ src }) => src.replace(/\/\*\*.*$/, '')),
  ];
  return named.filter((path) => !existsSync(join(root, path)));
}

/** Patches whose path leads nowhere: Skaffold would refuse them when the profile is used. */
export function lostPatches(config: Skaffold): string[] {
  const holds = (path: string) =>
    path
      .split('/')
      .slice(1, -1)
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], config) !== undefined;
  return (config.profiles ?? []).flatMap(({ patches }) =>
    patches.filter(({ path }) => !holds(path)).map(({ path }) => path),
  );
}
