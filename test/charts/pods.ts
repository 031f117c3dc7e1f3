import type { Resource } from './rendered.ts';

export type Pod = {
  /** Kind and name of what makes it. */
  owner: string;
  labels: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: as Kubernetes has it
  spec: any;
};

/** The pods that come of resources, one for each template. */
export const podsOf = (resources: Resource[]): Pod[] =>
  resources.flatMap((resource) => {
    const template = templateOf(resource);
    const owner = `${resource.kind}/${resource.metadata.name}`;
    return template?.spec?.containers ? [{ owner, labels: template.metadata?.labels ?? {}, spec: template.spec }] : [];
  });

/** The template of a resource's pods, where it has any. */
export function templateOf(
  resource: Resource,
): { metadata?: { labels?: Record<string, string> }; spec?: Resource } | undefined {
  if (resource.kind === 'Pod') return resource;
  if (resource.kind === 'CronJob') return resource.spec.jobTemplate.spec.template;
  return resource.spec?.template;
}

export const containersOf = ({ spec }: Pod) => [...(spec.initContainers ?? []), ...spec.containers];

/** Names of the variables that a container is given. */
export const variablesIn = (container: { env?: { name: string }[] }): string[] =>
  (container.env ?? []).map(({ name }) => name);
