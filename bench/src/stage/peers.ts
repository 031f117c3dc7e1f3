import { join } from 'node:path';
import type { Env } from '@wave-connect/dev-env/system';
import { type Server, startServer } from '../programs.ts';
import type { Stage } from './stage.ts';
import { JWT_SECRET } from './token.ts';

export const GO_DEFAULT = 'Go proxy, default transport';
export const GO_TUNED = 'Go proxy, 256 idle';

/** Connections that Go's transport keeps where it is tuned. */
const IDLE_CONNECTIONS = 256;

export const peerStarter =
  (stage: Stage, programs: string) =>
  async (name: string, { args = [], env = {} }: { args?: string[]; env?: Env } = {}): Promise<Server> =>
    stage.keep(await startServer(join(programs, name), args, { JWT_SECRET, ...env }));

export type StartPeer = ReturnType<typeof peerStarter>;

export const startDefaultProxy = (start: StartPeer, upstream: string): Promise<Server> =>
  start('proxy', { args: ['-upstream', upstream] });

export const startTunedProxy = (start: StartPeer, upstream: string): Promise<Server> =>
  start('proxy', { args: ['-upstream', upstream, '-idle', String(IDLE_CONNECTIONS)] });
