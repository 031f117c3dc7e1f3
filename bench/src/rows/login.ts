import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import type { Contender, Suite } from '../measurement.ts';
import { probeDuring } from '../prober.ts';
import { peerStarter } from '../stage/peers.ts';
import { createSchema, startBacking, startDataService } from '../stage/services.ts';
import { atLeast, figureBelow } from '../targets.ts';
import { expectResponse, underRequests } from '../wrk.ts';

const AT_ONCE = 16;
const PATH = '/api/auth/login';
/** Each takes most of a second while so many wait. */
const LEAST_S = 3;
const GO = 'Go, x/crypto/bcrypt';
const LIVEZ = 'p99 of /livez, ms';
const LIVEZ_LIMIT_MS = 50;
/** Of both. */
const BCRYPT_COST = '10';

export const login: Suite = {
  name: 'login',
  async prepare(stage, { tools, kafka }) {
    const backing = await startBacking(stage, { kafka });
    const databaseUrl = await createSchema(backing, 'auth');
    const auth = await startDataService(stage, backing, { name: 'auth', databaseUrl, env: { BCRYPT_COST } });
    const goAuth = await peerStarter(stage, tools.programs)('login', { env: { DATABASE_URL: databaseUrl } });

    const accounts = Array.from({ length: AT_ONCE }, newAccount);
    for (const account of accounts)
      await expectResponse(`${auth.url}/api/auth/register`, sent(account), { status: 201 });
    for (const { url } of [auth, goAuth]) await expectResponse(url + PATH, sent(newest(accounts)), { status: 202 });
    const bodiesFile = join(await temporaryFolder(), 'accounts');
    await writeFile(bodiesFile, accounts.map((account) => JSON.stringify(account)).join('\n'));

    const contender = underRequests(tools.wrk, { connections: AT_ONCE, bodiesFile });
    const probed = (name: string, url: string) => withProbes(contender(name, url + PATH), `${url}/livez`);
    return [
      {
        title: `login, ${AT_ONCE} at a time`,
        unit: 'req/s',
        ours: probed('auth', auth.url),
        others: [probed(GO, goAuth.url)],
        targets: [atLeast(0.8, GO), figureBelow(LIVEZ, LIVEZ_LIMIT_MS)],
      },
    ];
  },
};

type Account = { email: string; password: string };

const newAccount = (): Account => ({ email: `${randomUUID()}@example.com`, password: randomUUID() });

const newest = (accounts: Account[]): Account | undefined => accounts.at(-1);

const sent = (account: Account | undefined): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(account),
});

const withProbes = ({ name, measure }: Contender, livez: string): Contender => ({
  name,
  async measure(seconds) {
    const { result, probes } = await probeDuring(livez, () => measure(Math.max(seconds, LEAST_S)));
    return {
      ...result,
      errors: result.errors + probes.failed,
      ...(probes.failed > 0 && { error: `${probes.failed} probes of ${livez} failed` }),
      figures: { [LIVEZ]: probes.p99Ms },
    };
  },
});
