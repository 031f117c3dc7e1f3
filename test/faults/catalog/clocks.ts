import { SERVICES } from '@wave-connect/dev-env/system';
import { type Fault, injected } from './fault.ts';

const HOUR_S = 3_600;

const jump = (name: string, offset: number): Fault => ({
  name: `a clock jumps ${name}`,
  needs: 'clock',
  hurts: SERVICES,
  inject(cluster, random) {
    const replica = random.pick(cluster.replicas[random.pick(SERVICES)]);
    return injected(
      `the clock of ${replica.part} ${name}`,
      () => cluster.setClock(replica, offset),
      () => cluster.setClock(replica, 0),
    );
  },
});

export const CLOCK_FAULTS: readonly Fault[] = [jump('an hour ahead', HOUR_S), jump('an hour back', -HOUR_S)];
