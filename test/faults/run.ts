import { erasure } from './runs/erasure.ts';
import { execute, type Program } from './runs/program.ts';
import { rollingRestart } from './runs/rolling-restart.ts';
import { soak } from './runs/soak.ts';
import { faultRun, SHORT, USUAL } from './storm/fault-run.ts';

/** Each by its argument; none is the usual run of faults. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  usual: faultRun(USUAL),
  short: faultRun(SHORT),
  'rolling-restart': rollingRestart,
  soak,
  erasure,
};
const [, , name = 'usual'] = process.argv;
const program = PROGRAMS[name];
if (!program) throw new Error(`"${name}" is not one of ${Object.keys(PROGRAMS).join(', ')}`);

await execute(program);
