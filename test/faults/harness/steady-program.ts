import { once } from 'node:events';
import { startSteadyLoad } from '../load/steady-load.ts';
import { createRandom } from '../random.ts';

/** The steady load that steady-process.ts starts: says that it is under way, and at any message ends and tells its result. */
const { url, rate, seed } = JSON.parse(process.argv[2] as string);
process.once('disconnect', () => process.exit());
// A Ctrl-C in a terminal reaches this process, too; its parent ends it.
process.on('SIGINT', () => {});

const load = await startSteadyLoad({ url, rate, random: createRandom(seed) });
process.send?.('started');
await once(process, 'message');
process.send?.(await load.stop());
