/** The header in which the gateway names the caller to services, after it has verified their token. */
export const CALLER_HEADER = 'x-user-id';
