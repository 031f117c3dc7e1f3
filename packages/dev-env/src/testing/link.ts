import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Link = {
  /** The given URL, past the link. */
  url: string;
  /** From now on nothing passes, without a word to either side. */
  freeze(): void;
  /** The next time that the client sends this, the server gets it, and the connection breaks instead of its response. */
  cutAfter(text: string): void;
  close(): void;
};

/** A way to a server that can go silent without closing, and break at a chosen moment. */
export async function startLink(to: string): Promise<Link> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let frozen = false;
  let fatal: string | undefined;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    let cut = false;
    near.on('data', (chunk) => {
      if (fatal === undefined || !chunk.includes(fatal)) return;
      fatal = undefined;
      cut = true;
    });
    far.prependListener('data', () => {
      if (!cut) return;
      near.destroy();
      far.destroy();
    });
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {}).on('data', (chunk) => frozen || into.destroyed || into.write(chunk));
      from.once('close', () => frozen || into.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(to);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    freeze: () => {
      frozen = true;
    },
    cutAfter(text) {
      fatal = text;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
