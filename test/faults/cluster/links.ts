import { DATA_SERVICES } from '@wave-connect/dev-env/system';
import type { Database } from './databases.ts';
import type { Layout } from './layout.ts';
import { createLink } from './link.ts';
import type { Toxiproxy } from './toxiproxy.ts';
import type { Link } from './types.ts';

/** Between the gateway and each service, and between each service and its Postgres and Kafka. */
export async function createLinks(
  toxiproxy: Toxiproxy,
  layout: Layout,
  databases: Record<string, Database>,
): Promise<Link[]> {
  const links = DATA_SERVICES.flatMap((name) => [
    { name: `gateway → ${name}`, port: layout.serviceLink[name], upstreamPort: layout.balancer[name] },
    {
      name: `${name} → postgres`,
      port: layout.postgresLink[name],
      upstreamPort: (databases[name] as Database).server.port,
    },
    { name: `${name} → kafka`, port: layout.kafkaLink[name], upstreamPort: layout.kafkaListener[name] },
  ]);
  return Promise.all(links.map((link) => createLink(toxiproxy, link)));
}
