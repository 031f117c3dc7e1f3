import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { type Profile, ProfileService } from '@wave-connect/contracts/profile-service.ts';
import { freePort } from '../machine/index.ts';

type GetProfiles = handleUnaryCall<{ ids: string[] }, { profiles: Profile[] }>;

/** What stands in the place of the profile service: responds with `profiles`, and keeps what it was asked. */
export async function startProfileStandIn() {
  const port = await freePort();
  const profiles = new Map<string, Profile>();
  const calls: { ids: string[]; requestId: unknown }[] = [];
  let gate: Promise<void> = Promise.resolve();
  let server: Server | undefined;

  const getProfiles: GetProfiles = async ({ request: { ids }, metadata }, respond) => {
    calls.push({ ids, requestId: metadata.get('x-request-id')[0] });
    const found = ids.flatMap((id) => profiles.get(id) ?? []);
    await gate;
    respond(null, { profiles: found });
  };

  async function start(): Promise<void> {
    const made = new Server();
    made.addService(ProfileService.service, { GetProfiles: getProfiles });
    await new Promise<void>((resolve, reject) => {
      const done = (error: Error | null) => (error ? reject(error) : resolve());
      made.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), done);
    });
    server = made;
  }

  await start();
  return {
    target: `127.0.0.1:${port}`,
    profiles,
    calls,
    start,
    stop: () => server?.forceShutdown(),
    /** Responses wait until the function that it returns is called. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}

export type ProfileStandIn = Awaited<ReturnType<typeof startProfileStandIn>>;
