export const SERVICES = ['auth', 'chat', 'feed', 'profile'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Methods that the contract has for anything below /api. */
export const FORWARDED_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

/** The gateway itself responds to logging out. */
const ROUTE = new RegExp(`^/api/(?!auth/logout/?(?:\\?|$))(${SERVICES.join('|')})(?:[/?]|$)`);
const PUBLIC = /^\/api\/auth\/(?:register|login)\/?(?:\?|$)/;
const WEB_SOCKET = /^\/api\/chat\/ws\/?(?:\?|$)/;
const PARAMETER = /\{[^}]+\}/g;

/** The service that owns the path of a request target, if any does. Anything but an origin-form target has none. */
export const serviceOf = (target: string): ServiceName | undefined =>
  ROUTE.exec(target)?.[1] as ServiceName | undefined;

/** Only registering and logging in work without a token. */
export const needsToken = (method: string | undefined, target: string): boolean =>
  !(method === 'POST' && PUBLIC.test(target));

export const isWebSocketPath = (target: string): boolean => WEB_SOCKET.test(target);

/** Says which methods the contract has for the path of a request target; all of them where it has no such path. */
export function createMethodsOf(paths: Record<string, object>): (target: string) => readonly string[] {
  const known = Object.entries(paths)
    .map(([path, item]) => ({
      parameters: path.match(PARAMETER)?.length ?? 0,
      pattern: new RegExp(`^${path.replace(/\/$/, '').replace(PARAMETER, '[^/]+')}/?$`),
      methods: Object.keys(item)
        .map((key) => key.toUpperCase())
        .filter((method) => FORWARDED_METHODS.includes(method)),
    }))
    .sort((one, other) => one.parameters - other.parameters);
  return (target) => {
    const [path = ''] = target.split('?', 1);
    return known.find(({ pattern }) => pattern.test(path))?.methods ?? FORWARDED_METHODS;
  };
}
