/** Where people find an avatar, below the gateway. */
export const avatarUrl = (id: string): string => `/api/profile/avatar/${id}`;
