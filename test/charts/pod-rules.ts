import { containersOf, type Pod } from './pods.ts';

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

type Context = {
  [rule: string]: unknown;
  seccompProfile?: { type: string };
  capabilities?: { drop?: string[]; add?: string[] };
};
type Container = {
  name: string;
  securityContext?: Context;
  resources?: { requests?: object; limits?: { memory?: string } };
};

/** What the Pod Security Standard `restricted`, and we beyond it, find wrong with a pod. */
export function faultsOf(pod: Pod): string[] {
  const context: Context = pod.spec.securityContext ?? {};
  const ofPod = [
    ...['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => pod.spec[key]),
    ...(pod.spec.automountServiceAccountToken === false ? [] : ['holds a token']),
    ...(pod.spec.volumes ?? []).flatMap((volume: { name: string }) =>
      VOLUMES.some((type) => type in volume) ? [] : [`volume ${volume.name}`],
    ),
  ];
  const ofContainers = containersOf(pod).flatMap((container: Container) =>
    faultsOfContainer(container, context).map((fault) => `${container.name}: ${fault}`),
  );
  return [...ofPod, ...ofContainers].map((fault) => `${pod.owner}: ${fault}`);
}

function faultsOfContainer(container: Container, pod: Context): string[] {
  const own = container.securityContext ?? {};
  const both = { ...pod, ...own };
  const rules: [string, boolean][] = [
    ['may become root', both.runAsNonRoot === true && both.runAsUser !== 0],
    ['may gain rights', own.allowPrivilegeEscalation === false && own.privileged !== true],
    ['keeps capabilities', own.capabilities?.drop?.includes('ALL') === true && own.capabilities.add === undefined],
    ['has no seccomp profile', both.seccompProfile?.type === 'RuntimeDefault'],
    ['writes to its root', own.readOnlyRootFilesystem === true],
    ['has no memory limit', container.resources?.limits?.memory !== undefined],
    ['asks for nothing', Object.keys(container.resources?.requests ?? {}).length === 2],
  ];
  return rules.filter(([, holds]) => !holds).map(([fault]) => fault);
}
