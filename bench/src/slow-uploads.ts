import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type SlowUploads = {
  url: string;
  headers: Record<string, string>;
  /** Uploads at once. */
  count: number;
  /** Bytes of each. */
  bytes: number;
  seconds: number;
};

const PIECES = 16;

/**
 * Sends many bodies at once, all of them slowly: a proxy that waits for the whole of a body holds all of them.
 * @returns how many got a response of 200
 */
export async function uploadSlowly(uploads: SlowUploads): Promise<number> {
  const agent = new Agent({ maxSockets: uploads.count });
  const statuses = await Promise.all(Array.from({ length: uploads.count }, () => upload(uploads, agent)));
  agent.destroy();
  return statuses.filter((status) => status === 200).length;
}

/** The status of the response, 0 where there is none. */
async function upload({ url, headers, bytes, seconds }: SlowUploads, agent: Agent): Promise<number> {
  const req = request(url, { method: 'POST', agent, headers: { ...headers, 'Content-Length': bytes } });
  const status = new Promise<number>((resolve) => {
    req.once('response', (res) => res.resume().once('close', () => resolve(res.statusCode ?? 0)));
    req.once('error', () => resolve(0));
  });
  const piece = Buffer.alloc(bytes / PIECES);
  for (let sent = 0; sent < PIECES && !req.destroyed; sent++) {
    req.write(piece);
    await sleep((seconds * 1_000) / PIECES);
  }
  req.end();
  return status;
}
