import { peakBytes, residentBytes } from '../../../test/support/memory.ts';
import type { Contender, Row, Suite } from '../measurement.ts';
import type { Server } from '../programs.ts';
import { uploadSlowly } from '../slow-uploads.ts';
import { GO_TUNED } from '../stage/peers.ts';
import { type Proxies, STUB_RESPONSE, startProxies } from '../stage/proxies.ts';
import { callerHeaders } from '../stage/token.ts';
import { atLeast, figureBelow, figureSteady, held } from '../targets.ts';
import { expectResponse, underRequests } from '../wrk.ts';

const PATH = '/api/feed/';
const MiB = 1_024 * 1_024;

const CONNECTIONS = 16;
const PEAK = 'peak RSS, MiB';

const SLOW_UPLOADS = 256;
const SLOW_S = 3;
/** As many small ones come before, so that connections and warm code do not count as growth. */
const FIRST = { bytes: 16 * 1_024, seconds: 1 };
const GROWTH = 'growth of RSS, MiB';
/** Half of what a proxy would hold that waits for whole bodies. */
const GROWTH_LIMIT_MIB = SLOW_UPLOADS / 2;

type Headers = Record<string, string>;

export const upload: Suite = {
  name: 'upload',
  async prepare(stage, { tools }) {
    const proxies = await startProxies(stage, tools);
    const headers = await callerHeaders();
    for (const { url } of [proxies.gateway, proxies.goTuned]) {
      await expectResponse(url + PATH, { method: 'POST', headers, body: 'x'.repeat(MiB) }, STUB_RESPONSE);
    }
    // First, while no memory of the fast ones waits to be collected.
    return [slowRow(proxies, headers), fastRow(proxies, headers, tools.wrk)];
  },
};

function slowRow({ gateway, goTuned }: Proxies, headers: Headers): Row {
  const contender = (name: string, server: Server): Contender => ({
    name,
    async measure() {
      const load = { url: server.url + PATH, headers, count: SLOW_UPLOADS, bytes: MiB, seconds: SLOW_S };
      await uploadSlowly({ ...load, ...FIRST });
      const before = residentBytes(server.pid);
      const { result, peak } = await peakBytes(server.pid, () => uploadSlowly(load));
      const errors = SLOW_UPLOADS - result;
      return { rate: result, errors, figures: { [GROWTH]: (peak - before) / MiB } };
    },
  });
  return {
    title: `${SLOW_UPLOADS} slow uploads of 1 MiB at once`,
    unit: 'taken',
    once: true,
    ours: contender('gateway', gateway),
    others: [contender(GO_TUNED, goTuned)],
    targets: [held(SLOW_UPLOADS), figureBelow(GROWTH, GROWTH_LIMIT_MIB)],
  };
}

function fastRow({ gateway, goTuned }: Proxies, headers: Headers, wrk: string): Row {
  const contender = underRequests(wrk, { connections: CONNECTIONS, headers, bodyBytes: MiB });
  const watched = (name: string, { url, pid }: Server): Contender => ({
    name,
    async measure(seconds) {
      const { result, peak } = await peakBytes(pid, () => contender(name, url + PATH).measure(seconds));
      return { ...result, figures: { [PEAK]: peak / MiB } };
    },
  });
  return {
    title: `upload of 1 MiB, ${CONNECTIONS} connections`,
    unit: 'MiB/s',
    ours: watched('gateway', gateway),
    others: [watched(GO_TUNED, goTuned)],
    targets: [atLeast(1, GO_TUNED), figureSteady(PEAK)],
  };
}
