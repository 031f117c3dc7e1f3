export const SERVICES = ['auth', 'chat', 'feed', 'profile'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Signing out is answered by the gateway itself. */
const ROUTE = new RegExp(`^/api/(?!auth/logout/?(?:\\?|$))(${SERVICES.join('|')})(?:[/?]|$)`);
const PUBLIC = /^\/api\/auth\/(?:register|login)\/?(?:\?|$)/;
const WEB_SOCKET = /^\/api\/chat\/ws\/?(?:\?|$)/;

/** The service that owns the path of a request target, if any does. Anything but an origin-form target has none. */
export const serviceOf = (target: string): ServiceName | undefined =>
  ROUTE.exec(target)?.[1] as ServiceName | undefined;

/** Registering and signing in are all that works without a token. */
export const needsToken = (method: string | undefined, target: string): boolean =>
  !(method === 'POST' && PUBLIC.test(target));

export const isWebSocketPath = (target: string): boolean => WEB_SOCKET.test(target);
