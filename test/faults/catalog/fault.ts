import { isAlive, type Part } from '@wave-connect/dev-env/processes';
import type { Ability, Cluster } from '../cluster/cluster.ts';
import type { Random } from '../random.ts';

/** A fault that has been brought about. */
export type Injected = {
  /** 'kill -9 auth[1]'. */
  what: string;
  /** Undoes it; resolves when the parts that it hurt are on their way up. A second time does no harm. */
  heal(): Promise<void>;
};

export type Fault = {
  name: string;
  /** How often it is drawn compared to others, 1 when not given; 0 leaves it at the once that each fault is due. */
  weight?: number;
  /** How long it has to last to be what its name says, in ms. */
  holdMs?: number;
  /** What of the machine it stands on; it cannot be brought about where the cluster lacks that. */
  needs?: Ability;
  /** Parts that it may hurt: names of services, 'postgres', 'kafka'. Faults with none in common may overlap. */
  hurts: readonly string[];
  /** @throws where it could not be brought about; what it had begun is undone */
  inject(cluster: Cluster, random: Random): Promise<Injected>;
};

/** Brings a fault about; where that fails, undoes what it had begun. */
export async function injected(
  what: string,
  bringAbout: () => Promise<unknown>,
  heal: () => Promise<unknown>,
): Promise<Injected> {
  const undo = async () => void (await heal());
  try {
    await bringAbout();
  } catch (error) {
    await undo();
    throw error;
  }
  return { what, heal: undo };
}

/** Starts what is down; what has come back already is left alone. */
export async function startAgain(part: Part): Promise<void> {
  if (!isAlive(part.pid)) await part.restart();
}
