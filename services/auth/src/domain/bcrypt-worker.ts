import { compareSync, hashSync } from 'bcryptjs';

// Runs in a worker thread, which has nothing else to do than this.

export const hash = ({ password, cost }: { password: string; cost: number }): string => hashSync(password, cost);

export const compare = ({ password, hash }: { password: string; hash: string }): boolean => compareSync(password, hash);
