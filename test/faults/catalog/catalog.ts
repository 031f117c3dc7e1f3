import type { Unavailable } from '../cluster/cluster.ts';
import { CLOCK_FAULTS } from './clocks.ts';
import { DELIVERY_FAULTS } from './deliveries.ts';
import type { Fault } from './fault.ts';
import { LINK_FAULTS } from './links.ts';
import { REPLICA_FAULTS } from './replicas.ts';
import { STORE_FAULTS } from './stores.ts';
import { WINDOW_FAULTS } from './windows.ts';

export type { Fault } from './fault.ts';

/** Every fault that there is. */
export const CATALOG: readonly Fault[] = [
  ...REPLICA_FAULTS,
  ...WINDOW_FAULTS,
  ...STORE_FAULTS,
  ...LINK_FAULTS,
  ...DELIVERY_FAULTS,
  ...CLOCK_FAULTS,
];

/** Those that can be brought about on this cluster. */
export const faultsFor = (cluster: { unavailable: readonly Unavailable[] }): Fault[] =>
  CATALOG.filter(({ needs }) => !cluster.unavailable.some(({ what }) => what === needs));
