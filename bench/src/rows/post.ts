import type { Suite } from '../measurement.ts';
import { GO_TUNED } from '../stage/peers.ts';
import { STUB_RESPONSE, startProxies } from '../stage/proxies.ts';
import { callerHeaders } from '../stage/token.ts';
import { atLeast } from '../targets.ts';
import { expectResponse, underRequests } from '../wrk.ts';

const PATH = '/api/feed/';
const CONNECTIONS = 32;
const KiB = 1_024;

export const post: Suite = {
  name: 'post',
  async prepare(stage, { tools }) {
    const { gateway, goTuned } = await startProxies(stage, tools);
    const headers = await callerHeaders();
    for (const { url } of [gateway, goTuned]) {
      await expectResponse(url + PATH, { method: 'POST', headers, body: 'x'.repeat(KiB) }, STUB_RESPONSE);
    }
    const contender = underRequests(tools.wrk, { connections: CONNECTIONS, headers, bodyBytes: KiB });
    return [
      {
        title: `POST of 1 KiB, ${CONNECTIONS} connections`,
        unit: 'req/s',
        ours: contender('gateway', gateway.url + PATH),
        others: [contender(GO_TUNED, goTuned.url + PATH)],
        targets: [atLeast(1, GO_TUNED)],
      },
    ];
  },
};
