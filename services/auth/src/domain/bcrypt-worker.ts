import { compareSync, getRounds, hashSync } from 'bcryptjs';

// Runs in a worker thread, which has nothing else to do than this.

export const hash = ({ password, cost }: { password: string; cost: number }): string => hashSync(password, cost);

type Comparison = { password: string; hash: string | undefined; costliest: number };

/**
 * A password that does not match takes as long as with a hash of the `costliest` kind, whatever hash there is, if any:
 * a step more of the cost doubles the work, so 2^c + 2^c + 2^(c+1) + … + 2^(n-1) = 2^n.
 */
export function compare({ password, hash, costliest }: Comparison): boolean {
  if (hash === undefined) {
    hashSync(password, costliest);
    return false;
  }
  if (compareSync(password, hash)) return true;
  for (let cost = getRounds(hash); cost < costliest; cost += 1) hashSync(password, cost);
  return false;
}
