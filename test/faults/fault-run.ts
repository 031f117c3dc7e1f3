import { SetupError } from '@wave-connect/dev-env/machine';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { audit } from './audit/audit.ts';
import { keepJournal } from './audit/journal.ts';
import { faultsFor } from './catalog/catalog.ts';
import { type Cluster, startCluster } from './cluster/cluster.ts';
import type { Form } from './forms.ts';
import type { RunOptions } from './harness/run-options.ts';
import { createLoad, type Load } from './load/load.ts';
import { createRandom } from './random.ts';
import { makeReport, type Report } from './report.ts';
import { runStorm } from './storm.ts';

export type FaultRunOptions = RunOptions & {
  form: Form;
  /** Hears what happens, as it does. */
  note: (line: string) => void;
  /** Hears what the parts of the system say. */
  onLine: (part: string, line: string) => void;
  signal: AbortSignal;
};

const MINUTE_MS = 60_000;
/** Within which the system has to do all that it should again, once a fault is healed. */
const LIMITS = { recoveryMs: MINUTE_MS };
const WARM_UP = { writes: 100, deadlineMs: MINUTE_MS };

/** A run from the first process to the report: the system is brought up, used, hurt, and held against the ledger. */
export async function runFaults(options: FaultRunOptions): Promise<Report> {
  const { form, note, onLine, signal } = options;
  note('starting the system');
  const cluster = await startCluster({ onLine, signal });
  try {
    sayWhatIsLeftOut(cluster, options);
    await keepJournal(cluster);
    const load = createLoad({ url: cluster.url, random: createRandom(options.seed), ...form.load });
    load.start();
    await warmUp(load, signal);
    const faults = faultsFor(cluster).filter(form.isPartOf);
    const storm = await runStorm(cluster, {
      faults,
      schedule: { ...form.schedule, seed: options.seed },
      leastMs: options.minutes * MINUTE_MS,
      mostMs: form.mostMs,
      say: note,
      signal,
    });
    note('the load stops');
    const ledger = await load.stop();
    note('the audit begins');
    const { findings, settledMs, auditedMs } = await audit(cluster, ledger);
    note(`settled in ${settledMs} ms, audited in ${auditedMs} ms`);
    const { seed } = options;
    const { unaskedRestarts, unavailable } = cluster;
    const names = faults.map(({ name }) => name);
    const result = { ...storm, seed, faults: names, writes: ledger.writes, findings, unaskedRestarts, unavailable };
    return makeReport(result, LIMITS);
  } finally {
    await cluster.stop();
  }
}

/** @throws SetupError where nothing may be left out */
function sayWhatIsLeftOut({ unavailable }: Cluster, { strict, note }: FaultRunOptions): void {
  for (const { what, why } of unavailable) note(`LEFT OUT: faults of the ${what}: ${why}`);
  if (strict && unavailable.length > 0) throw new SetupError('with CI=true no fault may be left out');
}

async function warmUp({ counts }: Load, signal: AbortSignal): Promise<void> {
  const acknowledged = () => Object.values(counts).reduce((sum, tally) => sum + tally.acknowledged, 0);
  await waitFor('the load to be under way', () => acknowledged() >= WARM_UP.writes, {
    deadlineMs: WARM_UP.deadlineMs,
    signal,
  });
}
