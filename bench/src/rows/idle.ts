import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { residentBytes } from '../../../test/support/memory.ts';
import type { Contender, Sample, Suite } from '../measurement.ts';
import type { Server } from '../programs.ts';
import { failure, hold } from '../sockets.ts';
import { peerStarter, startTunedProxy } from '../stage/peers.ts';
import { createSchema, startBacking, startDataService, startGateway } from '../stage/services.ts';
import { held } from '../targets.ts';

const KiB = 1_024;
const PING_INTERVAL_MS = 15_000;
/** Long enough for each socket to be pinged twice, and to be cut off had it not responded the first time. */
const HOLD_S = 35;
/** Opened and closed before memory is looked at, so that what is loaded only once does not count. */
const FIRST_SOCKETS = 200;
/** Files that a proxy has open besides a socket on each side. */
const OTHER_FILES = 200;

export const idle: Suite = {
  name: 'idle',
  async prepare(stage, { tools, sockets, kafka }) {
    const backing = await startBacking(stage, { kafka });
    const databaseUrl = await createSchema(backing, 'chat');
    const env = { WS_MAX_SOCKETS: String(sockets + FIRST_SOCKETS), WS_PING_INTERVAL_MS: String(PING_INTERVAL_MS) };
    const chat = await startDataService(stage, backing, { name: 'chat', databaseUrl, env });
    const gateway = await startGateway(stage, 'chat', chat.url);

    const peer = peerStarter(stage, tools.programs);
    const goHub = await peer('chat', { env: { DATABASE_URL: databaseUrl } });
    const goProxy = await startTunedProxy(peer, goHub.url);

    const { programs } = tools;
    const ofOneProcess = filesAllow();
    const ours = Math.min(sockets, ofOneProcess * availableParallelism());
    const theirs = Math.min(sockets, ofOneProcess);
    return [
      {
        title: `${sockets.toLocaleString('en')} idle sockets`,
        unit: 'held',
        once: true,
        ours: holding(named('gateway + chat', sockets, ours), { gateway, chat }, { programs, sockets: ours }),
        others: [
          holding(
            named('Go proxy, 256 idle + Go hub', sockets, theirs),
            { gateway: goProxy, chat: goHub },
            { programs, sockets: theirs },
          ),
        ],
        targets: [held(sockets)],
      },
    ];
  },
};

const named = (name: string, wanted: number, allowed: number): string =>
  `${name}${allowed < wanted ? ` (ulimit -n: ${allowed.toLocaleString('en')})` : ''}`;

type Pair = { gateway: Server; chat: Server };

const holding = (
  name: string,
  pair: Pair,
  { programs, sockets }: { programs: string; sockets: number },
): Contender => ({
  name,
  async measure() {
    const { url } = pair.gateway;
    await hold(programs, { url, sockets: Math.min(sockets, FIRST_SOCKETS), seconds: 1 }, () => {});
    const before = memoryOf(pair);
    let open = before;
    const end = await hold(programs, { url, sockets, seconds: HOLD_S }, () => {
      open = memoryOf(pair);
    });
    return {
      rate: end.sockets,
      figures: {
        'gateway, KiB a socket': (open.gateway - before.gateway) / sockets / KiB,
        'chat, KiB a socket': (open.chat - before.chat) / sockets / KiB,
        pings: end.pings,
      },
      ...failure(end),
    } satisfies Sample;
  },
});

const memoryOf = ({ gateway, chat }: Pair) => ({ gateway: residentBytes(gateway.pid), chat: residentBytes(chat.pid) });

/** Sockets that one process of a proxy can forward, which has two files open for each. Node and Go raise the soft limit to the hard one by themselves. */
function filesAllow(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return hard === undefined || hard === 'unlimited'
    ? Number.MAX_SAFE_INTEGER
    : Math.floor((Number(hard) - OTHER_FILES) / 2);
}
