import type { Toxiproxy } from './toxiproxy.ts';
import type { Link } from './types.ts';

const DIRECTIONS = ['upstream', 'downstream'] as const;

/** A way from `port` to `upstreamPort`, both on loopback. */
export async function createLink(
  toxiproxy: Toxiproxy,
  { name, port, upstreamPort }: { name: string; port: number; upstreamPort: number },
): Promise<Link> {
  const id = name.replace(' → ', '-to-');
  const path = `/proxies/${id}`;
  const add = (stream: (typeof DIRECTIONS)[number], type: string, attributes: object) =>
    toxiproxy.ask('POST', `${path}/toxics`, { name: `${type}-${stream}`, type, stream, attributes });

  async function heal(): Promise<void> {
    const { toxics } = (await toxiproxy.ask('GET', path)) as { toxics: { name: string }[] };
    for (const toxic of toxics) await toxiproxy.ask('DELETE', `${path}/toxics/${toxic.name}`);
    await toxiproxy.ask('POST', path, { enabled: true });
  }

  await toxiproxy.ask('POST', '/proxies', {
    name: id,
    listen: `127.0.0.1:${port}`,
    upstream: `127.0.0.1:${upstreamPort}`,
    enabled: true,
  });
  return {
    name,
    async slow(latency, jitter) {
      await add('downstream', 'latency', { latency, jitter });
    },
    async cut() {
      await toxiproxy.ask('POST', path, { enabled: false });
    },
    async hang() {
      for (const stream of DIRECTIONS) await add(stream, 'timeout', { timeout: 0 });
    },
    heal,
  };
}
