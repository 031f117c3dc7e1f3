import type { Row, Suite } from '../measurement.ts';
import { GO_DEFAULT, GO_TUNED } from '../stage/peers.ts';
import { type Proxies, STUB_RESPONSE, startProxies } from '../stage/proxies.ts';
import { callerHeaders } from '../stage/token.ts';
import { atLeast, p99NoWorseThan } from '../targets.ts';
import { expectResponse, underRequests } from '../wrk.ts';

const PATH = '/api/feed/';
const CONNECTIONS = [32, 256];
const NGINX = 'nginx, no token';

export const gateway: Suite = {
  name: 'gateway',
  async prepare(stage, { tools }) {
    const proxies = await startProxies(stage, tools);
    const headers = await callerHeaders();
    for (const server of Object.values(proxies)) {
      if (server) await expectResponse(server.url + PATH, { headers }, STUB_RESPONSE);
    }
    return CONNECTIONS.map((connections) => row(proxies, { wrk: tools.wrk, headers, connections }));
  },
};

function row(
  { gateway, goDefault, goTuned, nginx, direct }: Proxies,
  { wrk, headers, connections }: { wrk: string; headers: Record<string, string>; connections: number },
): Row {
  const contender = underRequests(wrk, { connections, headers });
  return {
    title: `GET of 300 bytes, ${connections} connections`,
    unit: 'req/s',
    ours: contender('gateway', gateway.url + PATH),
    others: [
      contender(GO_DEFAULT, goDefault.url + PATH),
      contender(GO_TUNED, goTuned.url + PATH),
      ...(nginx ? [contender(NGINX, nginx.url + PATH)] : []),
      contender('the service directly', direct.url + PATH),
    ],
    targets: [atLeast(2, GO_DEFAULT), atLeast(1.2, GO_TUNED), atLeast(0.4, NGINX), p99NoWorseThan(GO_TUNED)],
  };
}
