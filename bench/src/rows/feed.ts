import assert from 'node:assert/strict';
import { withClient } from '@wave-connect/dev-env/postgres';
import type { Suite } from '../measurement.ts';
import { peerStarter, startTunedProxy } from '../stage/peers.ts';
import { createSchema, startBacking, startDataService, startGateway } from '../stage/services.ts';
import { callerHeaders } from '../stage/token.ts';
import { atLeast } from '../targets.ts';
import { expectResponse, underRequests } from '../wrk.ts';

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
    const page = async (url: string) => JSON.parse(await expectResponse(url + PATH, { headers }, { status: 200 }));
    assert.deepEqual(await page(goProxy.url), await page(gateway.url), 'both feeds respond alike');

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

const AUTHORS = 50;
const PUBLICATIONS = 1_000;

/** People, most of them with an avatar, and what they have published. */
async function fillFeed(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `INSERT INTO authors (user_id, username, avatar_url, version)
       SELECT uuidv7(), 'person' || n, CASE WHEN n % 5 > 0 THEN '/api/profile/avatar/' || gen_random_uuid() END, n
         FROM generate_series(1, $1::int) AS n`,
      [AUTHORS],
    );
    await client.query(
      `INSERT INTO publications (text, user_id, comment_count)
       SELECT repeat('The engine weaves algebraic patterns. ', 1 + n % 8), author.user_id, n % 7
         FROM generate_series(1, $1::int) AS n
         JOIN (SELECT user_id, row_number() OVER () AS place FROM authors) AS author ON author.place = 1 + n % $2`,
      [PUBLICATIONS, AUTHORS],
    );
    await client.query('ANALYZE');
  });
}
