import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { credentials, makeGenericClientConstructor, type ServiceDefinition, type ServiceError } from '@grpc/grpc-js';
import { ProfileService } from '@wave-connect/contracts/profile-service.ts';
import { repositoryRoot } from '@wave-connect/dev-env/machine';
import { service as healthService } from 'grpc-health-check';

const run = promisify(execFile);

/** A tool that knows no more of the service than what it asks it by reflection. */
export async function bufCurl(port: number, ...args: string[]): Promise<string> {
  const how = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge'];
  const { stdout } = await run('node_modules/.bin/buf', [...how, ...args.slice(0, -1), at(port, args.at(-1))], {
    cwd: repositoryRoot,
  });
  return stdout.trim();
}

const at = (port: number, path = '') => `http://127.0.0.1:${port}${path}`;

export type ProfileClient = ReturnType<typeof clientOf>;

export function clientOf(port: number) {
  const client = new ProfileService(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = promisify(client.getProfiles.bind(client) as typeof client.getProfiles);
  return {
    getProfiles: async (...ids: string[]) => (await call({ ids }))?.profiles ?? [],
    close: () => client.close(),
  };
}

export const codeOf = (call: Promise<unknown>): Promise<number | undefined> =>
  call.then(
    () => undefined,
    (error: ServiceError) => error.code,
  );

/** What grpc.health.v1 says of a service, or of the whole. */
export async function getHealth(port: number, service: string): Promise<string> {
  const Health = makeGenericClientConstructor(healthService as ServiceDefinition, 'Health');
  const client = new Health(`127.0.0.1:${port}`, credentials.createInsecure());
  const check = promisify(client.check?.bind(client) as Check);
  try {
    return (await check({ service })).status;
  } finally {
    client.close();
  }
}

type Check = (
  request: { service: string },
  done: (error: ServiceError | null, response: { status: string }) => void,
) => void;
