import assert from 'node:assert/strict';
import { expectAnswer, underRequests } from '../requests.ts';
import { fillFeed } from '../stage/feed-data.ts';
import { peerStarter, startTunedProxy } from '../stage/peers.ts';
import { createSchema, startBacking, startDataService, startGateway } from '../stage/services.ts';
import { callerHeaders } from '../stage/token.ts';
import type { Suite } from '../suite.ts';
import { atLeast } from '../targets.ts';

const PATH = '/api/feed/?limit=20';
const CONNECTIONS = 32;
const GO = 'Go proxy, 256 idle + Go feed, pgx';

export const feed: Suite = {
  name: 'feed',
  async prepare(stage, { tools, kafka }) {
    const backing = await startBacking(stage, { kafka });
    const databaseUrl = await createSchema(backing, 'feed');
    await fillFeed(databaseUrl);
    const service = await startDataService(stage, backing, { name: 'feed', databaseUrl });
    const gateway = await startGateway(stage, 'feed', service.url);

    const peer = peerStarter(stage, tools.programs);
    const goService = await peer('feed', { env: { DATABASE_URL: databaseUrl } });
    const goProxy = await startTunedProxy(peer, goService.url);

    const headers = await callerHeaders();
    const page = async (url: string) => JSON.parse(await expectAnswer(url + PATH, { headers }, { status: 200 }));
    assert.deepEqual(await page(goProxy.url), await page(gateway.url), 'both feeds answer the same');

    const contender = underRequests(tools.wrk, { connections: CONNECTIONS, headers });
    return [
      {
        title: `feed list of 20, ${CONNECTIONS} connections`,
        unit: 'req/s',
        ours: contender('gateway + feed', gateway.url + PATH),
        others: [
          contender(GO, goProxy.url + PATH),
          contender('feed directly', service.url + PATH),
          contender('Go feed directly', goService.url + PATH),
        ],
        targets: [atLeast(1, GO)],
      },
    ];
  },
};
