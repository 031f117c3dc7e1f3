import { SetupError } from '@wave-connect/dev-env/machine';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { createLoad } from '../../load/load.ts';
import { createRandom } from '../../support/random.ts';
import { audit } from '../audit/audit.ts';
import { keepJournal } from '../audit/facts.ts';
import { type Fault, faultsFor } from '../catalog.ts';
import { type Cluster, installPrerequisites, startCluster } from '../cluster/cluster.ts';
import type { Context, Program } from '../runs/program.ts';
import { formatReport, makeReport, type Report } from './report.ts';
import type { ScheduleOptions } from './schedule.ts';
import { runStorm } from './storm.ts';

/** How much a run does; times in ms where they do not say otherwise. */
export type Form = {
  /** Any when not given. */
  seed?: number;
  minutes: number;
  mostMs: number;
  load: { actors: number; rate: number };
  schedule: Omit<ScheduleOptions, 'seed'>;
  isPartOf(fault: Pick<Fault, 'name'>): boolean;
};

const MINUTE_MS = 60_000;

export const USUAL: Form = {
  minutes: 10,
  // With what comes before and after, a run is over within 20 minutes.
  mostMs: 15 * MINUTE_MS,
  load: { actors: 32, rate: 24 },
  schedule: { hold: { minMs: 2_000, maxMs: 8_000 }, overlap: 0.3 },
  isPartOf: () => true,
};

/** A kind of each, for every change. */
export const SHORT_FAULTS: readonly string[] = [
  'kill -9 of a replica of gateway',
  'kill -9 of a replica of auth',
  'kill -9 of a replica of chat',
  'kill -9 of a replica of feed',
  'kill -9 of a replica of profile',
  'Kafka killed',
  'the Postgres of chat killed',
  'a cut link',
  'events delivered again, out of order',
  'poison events',
];

export const SHORT: Form = {
  seed: 1,
  minutes: 0,
  mostMs: 3 * MINUTE_MS,
  load: { actors: 16, rate: 24 },
  schedule: { hold: { minMs: 500, maxMs: 1_500 }, overlap: 1 },
  isPartOf: ({ name }) => SHORT_FAULTS.includes(name),
};

/**
 * The program that hurts a whole system under load, and holds what has become of it against what was acknowledged.
 * A seed replays its schedule and its choices.
 */
export const faultRun = (form: Form): Program => ({
  usual: form,
  nameOf: ({ seed }) => String(seed),
  prepare: installPrerequisites,
  async run(context) {
    const report = await runFaults(form, context);
    return { text: formatReport(report), problems: report.problems, result: report };
  },
});

/** Within which the system has to do all that it should again, once a fault is healed. */
const LIMITS = { recoveryMs: MINUTE_MS };
const WARM_UP = { writes: 100, deadlineMs: MINUTE_MS };

/** A run from the first process to the report: the system is brought up, used, hurt, and held against the ledger. */
async function runFaults(form: Form, { seed, minutes, strict, note, onLine, signal }: Context): Promise<Report> {
  note('starting the system');
  const cluster = await startCluster({ onLine, signal });
  try {
    noteLeftOut(cluster, { strict, note });
    await keepJournal(cluster);
    const load = createLoad({ url: cluster.url, random: createRandom(seed), ...form.load });
    load.start();
    await waitFor('the load to run', () => load.acknowledged() >= WARM_UP.writes, { ...WARM_UP, signal });
    const faults = faultsFor(cluster).filter(form.isPartOf);
    const schedule = { ...form.schedule, seed };
    const leastMs = minutes * MINUTE_MS;
    const storm = await runStorm(cluster, { faults, schedule, leastMs, mostMs: form.mostMs, note, signal });
    note('the load stops');
    const ledger = await load.stop();
    note('the audit begins');
    const { findings, settledMs, auditedMs } = await audit(cluster, ledger);
    note(`settled in ${settledMs} ms, audited in ${auditedMs} ms`);
    const { unaskedRestarts, unavailable } = cluster;
    const names = faults.map(({ name }) => name);
    const result = { ...storm, seed, faults: names, writes: ledger.writes, findings, unaskedRestarts, unavailable };
    return makeReport(result, LIMITS);
  } finally {
    await cluster.stop();
  }
}

/** @throws SetupError where nothing may be left out */
function noteLeftOut({ unavailable }: Cluster, { strict, note }: Pick<Context, 'strict' | 'note'>): void {
  for (const { what, why } of unavailable) note(`LEFT OUT: faults of the ${what}: ${why}`);
  if (strict && unavailable.length > 0) throw new SetupError('with CI=true no fault may be left out');
}
