import type { Contender, Suite } from '../measurement.ts';
import { talk } from '../sockets.ts';
import { dropEvents, eventsBehind } from '../stage/events.ts';
import { peerStarter, startTunedProxy } from '../stage/peers.ts';
import { createSchema, startBacking, startDataService, startGateway } from '../stage/services.ts';
import { atLeast } from '../targets.ts';

const SOCKETS = 1_000;
/** A thousand frames at once make turns of the event loop long: no load is shed, as with the peer. */
const NO_SHEDDING = { SHED_EVENT_LOOP_DELAY_MS: '60000' };
const GO = 'Go hub, gorilla + pgx';

export const chat: Suite = {
  name: 'chat',
  async prepare(stage, { tools, kafka }) {
    const backing = await startBacking(stage, { kafka });
    const databaseUrl = await createSchema(backing, 'chat');
    const service = await startDataService(stage, backing, { name: 'chat', databaseUrl, env: NO_SHEDDING });
    const gateway = await startGateway(stage, 'chat', service.url);

    const peer = peerStarter(stage, tools.programs);
    // Of its own: our relay would publish what it stores.
    const peerDatabase = await createSchema(backing, 'chat', 'chat_peer_db');
    const goHub = await peer('chat', { env: { DATABASE_URL: peerDatabase } });
    const goProxy = await startTunedProxy(peer, goHub.url);

    const contender = (name: string, url: string): Contender => ({
      name,
      measure: (seconds) => talk(tools.programs, { url, seconds, sockets: SOCKETS }),
    });
    const queues = { databaseUrl, eventsUrl: backing.eventsUrl };
    return [
      {
        title: `chat, ${SOCKETS.toLocaleString('en')} sockets`,
        unit: 'msg/s',
        ours: withEvents(contender('chat', service.url), queues),
        others: [
          contender(GO, goHub.url),
          withEvents(contender('gateway + chat', gateway.url), queues),
          contender('Go proxy, 256 idle + Go hub', goProxy.url),
        ],
        targets: [atLeast(1, GO)],
      },
    ];
  },
};

/** Ours tells the other replicas of each message too, and may fall behind with that. */
const withEvents = (contender: Contender, queues: Parameters<typeof dropEvents>[0]): Contender => ({
  ...contender,
  async measure(seconds) {
    const sample = await contender.measure(seconds);
    return { ...sample, figures: { ...sample.figures, 'events behind': await eventsBehind(queues) } };
  },
  settle: () => dropEvents(queues),
});
