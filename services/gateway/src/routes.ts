import { byPrecedence, type Operation } from '@wave-connect/contracts/openapi.ts';
import type { Operations, ServiceName as Owner } from '@wave-connect/contracts/operations.ts';
import { REFRESH_COOKIE_NAME } from '@wave-connect/contracts/token-profile.ts';

/** Services behind the gateway. */
export type ServiceName = Exclude<Owner, 'gateway'>;
export const SERVICES = ['auth', 'chat', 'feed', 'profile'] as const satisfies readonly ServiceName[];

/** Methods that the contract has for anything below /api. */
export const FORWARDED_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

/** What a request is counted by: its account, its client address, or that under the stricter limit for signing in. */
export type Policy = 'account' | 'address' | 'sign-in';

/** An operation of the contract that belongs to a service. */
export type Route = {
  id: string;
  service: ServiceName;
  needsToken: boolean;
  /** Whether the refresh token may come by cookie, in place of an access token. */
  takesRefreshToken: boolean;
  /** Whether it signs out, which must not fail for an access token that has expired. */
  signsOut: boolean;
  /** The limit that counts its requests. */
  policy: Policy;
  isWebSocket: boolean;
};

export type Routes = {
  /** The route of a request, if it has one; HEAD has GET's. Anything but an origin-form target has none. */
  find(method: string | undefined, target: string | undefined): Route | undefined;
  /** The methods that the contract has for the path of a request target; undefined where it has no such path. */
  methodsOf(target: string): readonly string[] | undefined;
};

const SIGN_OUT: keyof Operations = 'logOut';

/** Of a path, with `undefined` for each parameter. */
type Template = { segments: (string | undefined)[]; routes: Map<string, Route | undefined> };

const PARAMETER = /^\{\w+\}$/;
/** No dot segment, and nothing that a URL parser reads as the end of a path or of a segment. */
const VALUE = /^(?!(?:\.|%2e){1,2}$)[^#\\]+$/i;

/**
 * The one router of the gateway. A path is matched as it is written, case and percent-encoding included, with one
 * trailing slash or none. What a service would read differently is thus no route, and never reaches it.
 */
export function createRoutes(operations: readonly Operation[]): Routes {
  const templates = Map.groupBy(templatesOf(operations), ({ segments }) => segments.length);

  function match(target: string): Template | undefined {
    const segments = segmentsOf(target.split('?', 1)[0] ?? '');
    return templates.get(segments.length)?.find((template) => matches(template, segments));
  }

  return {
    find: (method = '', target = '') => match(target)?.routes.get(method === 'HEAD' ? 'GET' : method),
    methodsOf(target) {
      const template = match(target);
      return template && [...template.routes.keys()];
    },
  };
}

function templatesOf(operations: readonly Operation[]): Template[] {
  const byPath = Map.groupBy(byPrecedence(operations), ({ path }) => path);
  return [...byPath].map(([path, ofPath]) => ({
    segments: segmentsOf(path).map((segment) => (PARAMETER.test(segment) ? undefined : segment)),
    routes: new Map(ofPath.map((operation) => [operation.method.toUpperCase(), routeOf(operation)])),
  }));
}

/** None where the gateway itself responds. */
function routeOf({ id, service, isPublic, rateLimit, parameters, responses }: Operation): Route | undefined {
  if (service === 'gateway') return undefined;
  return {
    id,
    service: service as ServiceName,
    needsToken: !isPublic,
    takesRefreshToken: parameters.some(({ in: place, name }) => place === 'cookie' && name === REFRESH_COOKIE_NAME),
    signsOut: id === SIGN_OUT,
    policy: rateLimit ?? (isPublic ? 'address' : 'account'),
    isWebSocket: '101' in responses,
  };
}

const segmentsOf = (path: string): string[] => path.replace(/(?<=.)\/$/, '').split('/');

const matches = (template: Template, segments: readonly string[]): boolean =>
  template.segments.every((expected, at) =>
    expected === undefined ? VALUE.test(segments[at] ?? '') : expected === segments[at],
  );
