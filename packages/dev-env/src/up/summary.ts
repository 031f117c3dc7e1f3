import { relative } from 'node:path';
import pc from 'picocolors';
import { SERVICES, type System } from '../system/index.ts';

const REGISTER = `-H 'content-type: application/json' -d '{"email": "ada@example.com", "password": "correct horse"}'`;

/** What runs where, and what to try next. */
export function summary(system: System, dataDir: string, tookMs: number): string {
  const gateway = `http://localhost:${system.ports.gateway}`;
  const row = (name: string, where: string, note = '') =>
    `  ${pc.bold(name.padEnd(9))} ${where.padEnd(26)} ${pc.dim(note)}`;
  const service = (name: (typeof SERVICES)[number]) =>
    row(
      name,
      name === 'gateway' ? gateway : system.services[name].url,
      `metrics http://127.0.0.1:${system.ports[`${name}-metrics`]}/metrics${name === 'profile' ? `, gRPC 127.0.0.1:${system.ports['profile-grpc']}` : ''}`,
    );
  return [
    '',
    pc.bold(pc.green(`Wave Connect is up after ${(tookMs / 1000).toFixed(1)} s`)),
    '',
    ...SERVICES.map(service),
    row('Postgres', `127.0.0.1:${system.postgres.port}`, 'auth_db, chat_db, feed_db, profile_db, events_db'),
    system.kafka ? row('Kafka', system.kafka.bootstrap) : row('events', 'in Postgres', 'KAFKA=1 for a Kafka broker'),
    row('data', shortPath(dataDir)),
    '',
    `  ${pc.bold('the API'.padEnd(9))} ${gateway}/docs`,
    `  ${pc.bold('try'.padEnd(9))} curl -i ${gateway}/api/auth/register ${REGISTER}`,
    `  ${pc.bold('stop'.padEnd(9))} Ctrl-C`,
    '',
    '',
  ].join('\n');
}

function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}
