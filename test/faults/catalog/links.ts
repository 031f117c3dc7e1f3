import { SERVICES } from '@wave-connect/dev-env/system';
import type { Link } from '../cluster/cluster.ts';
import type { Random } from '../random.ts';
import { type Fault, injected } from './fault.ts';

/** Of an answer, in ms. */
const LATENCY = { min: 200, max: 1_500 };

const linkFault = (name: string, verb: string, hurt: (link: Link, random: Random) => Promise<void>): Fault => ({
  name,
  hurts: [...SERVICES, 'postgres', 'kafka'],
  inject({ links }, random) {
    const link = random.pick(links);
    return injected(
      `${verb} ${link.name}`,
      () => hurt(link, random),
      () => link.heal(),
    );
  },
});

export const LINK_FAULTS: readonly Fault[] = [
  linkFault('a slow link', 'slowed', (link, random) => {
    const latency = random.between(LATENCY.min, LATENCY.max);
    return link.slow(latency, latency >> 1);
  }),
  linkFault('a cut link', 'cut', (link) => link.cut()),
  linkFault('a hung link', 'hung', (link) => link.hang()),
];
