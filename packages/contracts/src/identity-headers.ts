/** The header in which the gateway names the caller to services, after it has verified their token. */
export const CALLER_HEADER = 'x-user-id';

/** The header in which the gateway names the address of the client, as far as it trusts what proxies say. */
export const CLIENT_ADDRESS_HEADER = 'x-client-address';

/** The header in which the gateway names the session that the caller's token belongs to. */
export const SESSION_HEADER = 'x-session-id';
