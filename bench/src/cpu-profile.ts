/** What V8 writes; times are in microseconds. */
export type CpuProfile = { nodes: ProfileNode[]; samples: number[]; timeDeltas: number[] };

type ProfileNode = { id: number; callFrame: { functionName: string; url: string; lineNumber: number } };

/** Where the process was busy, in per cent of the time that it was. */
export type SelfTimes = { busyMs: number; functions: Share[]; modules: Share[] };

type Share = { name: string; percent: number };

const IDLE = ['(idle)', '(root)'];
const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/.*/;
const OWN = /.*\/((?:services|packages)\/[^/]+)\/.*/;

/**
 * The time in functions themselves, without what they call. `(program)` is native code that no function has called.
 * @param skippedMs how much of the beginning does not count, in which a process loads its modules
 */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, skippedMs = 0): SelfTimes {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, number>();
  const modules = new Map<string, number>();
  let busy = 0;
  let elapsed = 0;
  for (const [at, id] of samples.entries()) {
    const frame = byId.get(id);
    const time = timeDeltas[at] ?? 0;
    elapsed += time;
    if (elapsed <= skippedMs * 1_000 || !frame || IDLE.includes(frame.functionName)) continue;
    busy += time;
    add(functions, `${frame.functionName || '(anonymous)'} ${placeOf(frame)}`, time);
    add(modules, moduleOf(frame), time);
  }
  return { busyMs: busy / 1_000, functions: shares(functions, busy), modules: shares(modules, busy) };
}

const add = (sums: Map<string, number>, key: string, value: number) => sums.set(key, (sums.get(key) ?? 0) + value);

const shares = (sums: Map<string, number>, whole: number): Share[] =>
  [...sums]
    .map(([name, time]) => ({ name, percent: (100 * time) / whole }))
    .toSorted((one, other) => other.percent - one.percent);

const placeOf = ({ url, lineNumber }: ProfileNode['callFrame']): string =>
  url === ''
    ? ''
    : `${url.replace(/.*\/(?:node_modules|(?=services\/|packages\/))\/?/, '').replace(/^file:\/\//, '')}:${lineNumber + 1}`;

function moduleOf({ url, functionName }: ProfileNode['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  return url
    .replace(PACKAGE, '$1')
    .replace(OWN, '$1')
    .replace(/^node:(internal\/)?([^/]+).*/, 'node:$1$2');
}
