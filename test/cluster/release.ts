import { waitFor } from '@wave-connect/dev-env/waiting';
import { run } from '../support/command.ts';
import { list, type Resource } from './kubectl.ts';
import { makeNamespace, removeNamespace } from './namespace.ts';
import { reachable } from './reach.ts';

export type ReleaseOptions = {
  /** 'wave' unless set. */
  name?: string;
  namespace: string;
  /** A chart below charts/, 'wave-connect' unless set. */
  chart?: string;
  /** Files of values, from the repository's root. */
  values?: readonly string[];
};

/** Settings as `--set` takes them. */
type Settings = Record<string, string | number | boolean>;

/** A Helm release, in a namespace of its own that enforces `restricted`. */
export type Release = {
  readonly name: string;
  readonly namespace: string;
  /** Each returns when all that it has brought about is ready, and the network leads to it. */
  install(settings?: Settings): Promise<void>;
  /** Keeps the settings before, besides these and those of files. */
  upgrade(settings: Settings, files?: readonly string[]): Promise<void>;
  rollback(revision: number): Promise<void>;
  /** `helm test`; returns what it wrote. */
  test(): Promise<string>;
  uninstall(): Promise<void>;
  /** Its pods by component: service, postgres, migrate, and so on. */
  pods(component: string): Promise<Resource[]>;
  remove(): Promise<void>;
};

const TIMEOUT = '10m';
const TIMEOUT_MS = 660_000;
/** How long the cluster's network may take to lead to a pod that is ready, in ms. */
const NETWORK_MS = 60_000;

/** The tag of images that test/cluster/prepare.sh builds and loads. */
export const IMAGE_TAG = 'e2e';
/** The same with a further migration of feed. */
export const NEXT_IMAGE_TAG = 'e2e-next';

const helm = (...args: string[]) => run('helm', args, { timeoutMs: TIMEOUT_MS });
const asFiles = (files: readonly string[]) => files.flatMap((file) => ['--values', file]);
const asArguments = (settings: Settings) =>
  Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

/** Makes the namespace and brings the chart's dependencies together; installs nothing yet. */
export async function createRelease(options: ReleaseOptions): Promise<Release> {
  const { name = 'wave', namespace, chart = 'wave-connect', values = [] } = options;
  const path = `charts/${chart}`;
  const here = ['--namespace', namespace];
  const ready = ['--wait', '--timeout', TIMEOUT];
  await makeNamespace(namespace);
  await helm('dependency', 'build', path);
  const ofComponent = (kind: string, component: string) =>
    list(namespace, kind, `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${component}`);
  const pods = (component: string) => ofComponent('pods', component);

  /** kube-proxy follows readiness, and helm does not wait for it. */
  async function untilReachable(): Promise<void> {
    const gateway = (await pods('service')).find(isGateway);
    if (gateway === undefined) return;
    const services = (await ofComponent('services', 'service')).filter(
      (service) => !isGateway(service) && service.spec.clusterIP !== 'None',
    );
    const targets = services.map(({ metadata, spec }) => ({
      name: metadata.name,
      address: spec.clusterIP,
      port: spec.ports[0].port,
    }));
    const all = async () => (await reachable(namespace, gateway.metadata.name, targets)).length === targets.length;
    await waitFor('the network to lead to all services', all, { deadlineMs: NETWORK_MS, everyMs: 500 });
  }

  return {
    name,
    namespace,
    async install(settings = {}) {
      await helm('install', name, path, ...here, ...ready, ...asFiles(values), ...asArguments(settings));
      await untilReachable();
    },
    async upgrade(settings, files = []) {
      const given = [...asFiles(files), ...asArguments(settings)];
      await helm('upgrade', name, path, ...here, ...ready, '--reuse-values', ...given);
      await untilReachable();
    },
    async rollback(revision) {
      await helm('rollback', name, String(revision), ...here, ...ready);
      await untilReachable();
    },
    test: () => helm('test', name, ...here, '--logs', '--timeout', TIMEOUT),
    async uninstall() {
      await helm('uninstall', name, ...here, ...ready);
    },
    pods,
    remove: () => removeNamespace(namespace),
  };
}

const isGateway = ({ metadata }: Resource) => metadata.labels['app.kubernetes.io/name'] === 'gateway';
