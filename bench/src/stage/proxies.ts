import type { Server } from '../programs.ts';
import type { Tools } from '../tools.ts';
import { startNginx } from './nginx.ts';
import { peerStarter, startDefaultProxy, startTunedProxy } from './peers.ts';
import { startGateway } from './services.ts';
import type { Stage } from './stage.ts';

export type Proxies = {
  gateway: Server;
  goDefault: Server;
  goTuned: Server;
  nginx: Server | undefined;
  direct: Server;
};

/** Everyone who forwards, in front of one stub. */
export async function startProxies(stage: Stage, tools: Tools): Promise<Proxies> {
  const peer = peerStarter(stage, tools.programs);
  const direct = await peer('stub');
  return {
    direct,
    gateway: await startGateway(stage, 'feed', direct.url),
    goDefault: await startDefaultProxy(peer, direct.url),
    goTuned: await startTunedProxy(peer, direct.url),
    nginx: tools.nginx === undefined ? undefined : await startNginx(stage, tools.nginx, direct.url),
  };
}

/** Of the stub. */
export const STUB_RESPONSE = { status: 200, bytes: 300 };
