/** As in the contract. */
export const isUsername = (text: string): boolean => /^[A-Za-z0-9_]{3,30}$/.test(text);
