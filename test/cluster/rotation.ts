import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type { SteadyResult } from '../load/steady-load.ts';
import { type SteadyProcess, startSteadyProcess } from '../load/steady-process.ts';
import { Person } from '../support/person.ts';
import { selfSigned } from './certificates.ts';
import { deleteKafkaPod, untilEventsFlow } from './events.ts';
import { execute, kubectl, patchSecret, readSecret } from './kubectl.ts';
import { closeNodePort, openNodePort } from './node-port.ts';
import { bringsOperator } from './operator.ts';
import type { Release } from './release.ts';

/** Requests per second: what a machine of two cores takes beside a cluster. */
const RATE = 20;
const SEED = 6;
/** A kubelet hands a changed file out within about 90 s; then auth and Postgres wait, so that all others have it. */
const TAKEN_UP = { deadlineMs: 300_000, everyMs: 1_000 };
const SIGN_IN_EVERY_MS = 1_000;
const SHOWN = 5;

/** Tests that a changed password, secret or certificate authority is taken up without a restart or a failed request. */
export function testRotation(release: () => Release): void {
  describe('secrets that are replaced under load', () => {
    const fresh = { database: newSecret(), jwt: newSecret(), kafka: newSecret() };
    let url: string;
    let incarnationsBefore: string[];
    let load: SteadyProcess;
    let signingIn: SigningIn;
    let result: SteadyResult;

    before(async () => {
      url = await openNodePort(release());
      incarnationsBefore = await incarnations(release());
      load = await startSteadyProcess({ url, rate: RATE, seed: SEED });
      signingIn = await startSigningIn(url);
    });
    after(async () => {
      load?.kill();
      await signingIn?.stop();
      await closeNodePort(release());
    });

    test('they are replaced where the release keeps them', async () => {
      const { name, namespace } = release();
      const { 'jwt-secret': jwt = '' } = await readSecret(namespace, `${name}-jwt`);
      await patchSecret(namespace, `${name}-jwt`, { 'jwt-secret': fresh.jwt, 'jwt-secret-previous': jwt });
      await patchSecret(namespace, `${name}-feed-db`, { password: fresh.database });
      await patchSecret(namespace, `${name}-kafka-chat-password`, { password: fresh.kafka });
      await replaceKafkaAuthority(release());
      // The operator hears of a changed password by the next upgrade.
      await release().upgrade({});
    });

    test('auth signs with the new secret', async () => {
      const isNew = () => isSignedWith(fresh.jwt, signingIn.latest());
      await waitFor('a token with the new signature', isNew, TAKEN_UP);
    });

    test('the database asks for the new password', async () => {
      const { name, namespace } = release();
      const ask = `PGPASSWORD=${fresh.database} psql -h "$(hostname -i)" -U feed -d feed_db -Atc 'SELECT 1'`;
      const takes = async () => (await execute(namespace, `${name}-feed-db-0`, ask)).trim() === '1';
      await waitFor('the new password to be asked for', takes, TAKEN_UP);
    });

    test('Kafka asks for the new password, and shows a certificate of the new authority', async () => {
      const { name, namespace } = release();
      const { password } = await readSecret(namespace, `${name}-kafka-chat`);
      assert.equal(password, fresh.kafka);
      await untilEventsFlow(url, TAKEN_UP);
    });

    test('not one request and not one sign-in failed', async (t) => {
      result = await load.stop();
      const { attempts, failures } = await signingIn.stop();
      t.diagnostic(`${result.requests} requests and ${attempts} sign-ins, p99 ${result.p99} ms`);
      assert.ok(attempts > 0);
      assert.deepEqual(failures, []);
      assert.deepEqual(result.failures.slice(0, SHOWN), [], `${result.failures.length} of ${result.requests} failed`);
    });

    test('new connections are made with what is new', async () => {
      const { name, namespace } = release();
      const others = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'feed' AND pid <> pg_backend_pid()`;
      await execute(namespace, `${name}-feed-db-0`, `psql -U feed -d feed_db -Atc "${others}"`);
      await deleteKafkaPod(release());
      await untilEventsFlow(url, TAKEN_UP);
      const person = await Person.join(url);
      assert.equal((await person.ask('POST', 'feed/', { text: 'after the rotation' })).status, 201);
    });

    test('no pod was replaced, and none restarted', async () =>
      assert.deepEqual(await incarnations(release()), incarnationsBefore));
  });
}

const newSecret = () => randomBytes(32).toString('hex');

/** Each pod of the services and databases, with how often its containers were started again. */
async function incarnations({ pods }: Release): Promise<string[]> {
  const running = (await Promise.all([pods('service'), pods('postgres')])).flat();
  return running
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .flatMap(({ metadata, status }) =>
      status.containerStatuses.map(
        (container: { name: string; restartCount: number }) =>
          `${metadata.name} ${metadata.uid} ${container.name} ${container.restartCount}`,
      ),
    )
    .sort();
}

type SigningIn = {
  /** The token of the latest sign-in. */
  latest(): string;
  stop(): Promise<{ attempts: number; failures: string[] }>;
};

/** One person signs in again and again, and uses each new token at once. */
async function startSigningIn(url: string): Promise<SigningIn> {
  const person = await Person.join(url);
  const stopping = new AbortController();
  const failures: string[] = [];
  let attempts = 0;

  async function signIn(): Promise<void> {
    attempts += 1;
    const signedIn = await person.logIn();
    const used = await person.get('auth/id/');
    if (signedIn.status !== 202 || used.status !== 200) failures.push(`${signedIn.status}, then ${used.status}`);
  }
  async function signInAgainAndAgain(): Promise<void> {
    while (!stopping.signal.aborted) {
      await signIn().catch((error) => failures.push(String(error)));
      await sleep(SIGN_IN_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const done = signInAgainAndAgain();
  return {
    latest: () => person.token,
    async stop() {
      stopping.abort();
      await done;
      return { attempts, failures: failures.slice(0, SHOWN) };
    },
  };
}

/** Whether it is a JWT whose HS256 signature is made with that secret (RFC 7515). */
function isSignedWith(secret: string, token: string): boolean {
  const [header, payload, signature] = token.split('.');
  return createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url') === signature;
}

/** Has Kafka's certificate authority replaced, key and all: by the operator, or as the operator does it. */
async function replaceKafkaAuthority({ name, namespace }: Release): Promise<void> {
  const cluster = `${name}-kafka`;
  if (!bringsOperator) {
    await kubectl([
      'annotate',
      'secret',
      `${cluster}-cluster-ca-cert`,
      '-n',
      namespace,
      'strimzi.io/force-replace=true',
    ]);
    return;
  }
  const { 'ca.crt': old = '' } = await readSecret(namespace, `${cluster}-cluster-ca-cert`);
  const { key, certificate } = await selfSigned(
    '/O=io.strimzi/CN=cluster-ca v1',
    'keyUsage=critical,keyCertSign,cRLSign',
  );
  await patchSecret(namespace, `${cluster}-cluster-ca`, { 'ca.key': key });
  await patchSecret(namespace, `${cluster}-cluster-ca-cert`, { 'ca.crt': certificate, 'ca-old.crt': old });
  // The broker's certificate, which the stand-in signs again when it is gone.
  const remove = JSON.stringify([{ op: 'remove', path: '/data/broker.pem' }]);
  await kubectl(['patch', 'secret', `${cluster}-standin`, '-n', namespace, '--type=json', '-p', remove]);
}
