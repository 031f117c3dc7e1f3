import { parse } from 'yaml';

/** The parts of a compose file that the rules look at. */
export type Compose = {
  services: Record<string, ComposeService>;
  networks?: Record<string, { internal?: boolean } | null>;
};
export type ComposeService = {
  image?: string;
  build?: { context: string; dockerfile: string; args: Record<string, string> };
  command?: string[];
  environment?: Record<string, string | null>;
  healthcheck?: { test: string[] };
  mem_limit?: string;
  networks?: string[];
  ports?: string[];
  restart?: string;
  read_only?: boolean;
  security_opt?: string[];
};
type TopicSpec = { name: string; partitions: number; config: Record<string, string> };

const RECIPE = 'services/Dockerfile';
const SECRET = /PASSWORD|SECRET|_KEY$|(?:DATABASE|EVENTS)_URL/;
/** A secret that .env must hold: nothing stands in for it, and compose says what to do where it is missing. */
const REQUIRED = /^\$\{[A-Z0-9_]+:\?.{10,}\}$/;
const OPTIONAL_SECRETS = ['JWT_SECRET_PREVIOUS', 'EMAIL_HASH_KEY'];

/** Anchors and merges resolved. */
export const readCompose = (yaml: string): Compose => parse(yaml, { merge: true });

const entries = (compose: Compose) => Object.entries(compose.services);
const settings = (service: ComposeService) => Object.entries(service.environment ?? {});
const isOurs = (service: ComposeService) => service.build !== undefined;
const runsOnce = (service: ComposeService) => service.restart === 'no';

/** Folders of services/ that no container runs, or whose container is built of something else. */
export function wronglyBuilt(compose: Compose, folders: readonly string[]): string[] {
  const missing = folders.filter((folder) => compose.services[folder] === undefined);
  const wrong = entries(compose).filter(([name, service]) => {
    const expected = folders.find((folder) => name === folder || name === `${folder}-migrate`);
    if (expected === undefined) return isOurs(service);
    const { build, image } = service;
    return (
      build?.context !== '.' ||
      build.dockerfile !== RECIPE ||
      build.args.SERVICE !== expected ||
      image !== `wave-connect-${expected}`
    );
  });
  return [...missing, ...wrong.map(([name]) => name)];
}

/** The list that the `topics` container creates: a name, a number of partitions and settings on each line. */
export function createdTopics(compose: Compose): TopicSpec[] {
  const script = compose.services.topics?.command?.join('\n') ?? '';
  const [, list = ''] = /<< 'TOPICS'\n([\s\S]*?)^TOPICS$/m.exec(script) ?? [];
  return list
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([name = '', partitions, config = '']) => ({
      name,
      partitions: Number(partitions),
      config: Object.fromEntries(config.split(',').map((each) => each.split('='))),
    }));
}

/** Variables that our containers are given, or that .env is asked for. */
export function usedVariables(compose: Compose): string[] {
  const given = entries(compose)
    .filter(([, service]) => isOurs(service))
    .flatMap(([, service]) => settings(service).map(([name]) => name));
  const asked = [...JSON.stringify(compose).matchAll(/(?<!\$)\$\{([A-Z0-9_]+)/g)].map(([, name = '']) => name);
  return [...new Set([...given, ...asked])].sort();
}

/** Secrets that stand in the file itself, or that it does without when .env lacks them. */
export function exposedSecrets(compose: Compose): string[] {
  return entries(compose).flatMap(([container, service]) =>
    settings(service)
      .filter(([name, value]) => SECRET.test(name) && !isHarmless(name, value))
      .map(([name]) => `${container}: ${name}`),
  );
}

/** The address of a bus or a database without anybody's password is none. */
const isHarmless = (name: string, value: string | null) =>
  REQUIRED.test(value ?? '') ||
  (name.endsWith('_URL') && !/@/.test(value ?? '')) ||
  (value === null && OPTIONAL_SECRETS.includes(name));

/** Containers without a memory limit, or that stay and cannot be asked how they are. */
export function unlimited(compose: Compose): string[] {
  return entries(compose)
    .filter(([, service]) => !service.mem_limit || (!runsOnce(service) && !service.healthcheck))
    .map(([name]) => name);
}

/** Containers that may gain rights; ours that can write to their own files too. */
export function unhardened(compose: Compose): string[] {
  return entries(compose)
    .filter(
      ([, service]) =>
        !service.security_opt?.includes('no-new-privileges:true') || (isOurs(service) && service.read_only !== true),
    )
    .map(([name]) => name);
}

/** Containers whose ports are published, other than the gateway's on loopback. */
export function published(compose: Compose): string[] {
  return entries(compose)
    .filter(([name, { ports = [] }]) => ports.some((port) => name !== 'gateway' || !port.startsWith('127.0.0.1:')))
    .map(([name]) => name);
}

/** Who can open a connection to `name`, by sharing a network with it. */
export function neighbours(compose: Compose, name: string): string[] {
  const networks = compose.services[name]?.networks ?? ['default'];
  return entries(compose)
    .filter(([other, service]) => other !== name && (service.networks ?? []).some((each) => networks.includes(each)))
    .map(([other]) => other)
    .sort();
}
