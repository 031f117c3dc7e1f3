import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { freePort } from '@wave-connect/dev-env/machine';
import type { TestService } from '@wave-connect/dev-env/testing';
import { bufCurl, clientOf, codeOf, getHealth, type ProfileClient } from './grpc-support.ts';
import { as, PNG, someUsername, startProfile, userEvent } from './support.ts';

const SERVICE = 'waveconnect.profile.v1.ProfileService';

describe('profiles over gRPC', () => {
  let port: number;
  let service: TestService;
  let client: ProfileClient;

  before(async () => {
    port = await freePort();
    service = await startProfile({ GRPC_PORT: String(port), GRPC_REFLECTION: 'true' });
    client = clientOf(port);
  });
  after(async () => {
    client.close();
    await service.stop();
  });

  const versionOf = async (id: string) => {
    const { rows } = await service.database.query('SELECT version FROM profiles WHERE id = $1', [id]);
    return rows[0].version;
  };

  async function somebody(username = someUsername()) {
    const id = randomUUID();
    await as(service, id).post('/api/profile/').send({ username, bio: '' }).expect(201);
    return { id, username };
  }

  test('a tool finds the service and calls it', async () => {
    assert.equal(await bufCurl(port, '--list-methods', ''), `${SERVICE}/GetProfiles`);
    const { id, username } = await somebody();
    const response = await bufCurl(port, '--data', JSON.stringify({ ids: [id] }), `/${SERVICE}/GetProfiles`);
    const expected = { profiles: [{ id, username, version: await versionOf(id) }] };
    assert.deepEqual(JSON.parse(response), expected);
  });

  test('a hundred people are returned at once, with what each has completed', async () => {
    const known = await Promise.all(Array.from({ length: 3 }, () => somebody()));
    const [ada, bob] = known;
    assert.ok(ada && bob);
    await as(service, ada.id).put('/api/profile/avatar/').type('image/png').send(PNG).expect(204);
    await as(service, bob.id).delete('/api/profile/').expect(204);

    const unknown = Array.from({ length: 97 }, () => randomUUID());
    const profiles = await client.getProfiles(...known.map(({ id }) => id), ...unknown);
    const byId = new Map(profiles.map((profile) => [profile.id, profile]));
    assert.deepEqual(new Set(byId.keys()), new Set(known.map(({ id }) => id)));
    assert.equal(byId.get(ada.id)?.avatarUrl, `/api/profile/avatar/${ada.id}`);
    assert.equal(byId.get(ada.id)?.username, ada.username);
    assert.equal(byId.get(bob.id)?.username, undefined);
    for (const { id } of known) assert.equal(byId.get(id)?.version, await versionOf(id));
  });

  test('a change gives a greater version, the one that its event carries', async () => {
    const { id } = await somebody();
    const first = (await client.getProfiles(id))[0];
    await as(service, id).put('/api/profile/').send({ username: someUsername(), bio: '' }).expect(200);
    const second = (await client.getProfiles(id))[0];
    assert.ok(BigInt(second?.version ?? 0) > BigInt(first?.version ?? 0));
  });

  test('a deleted account has no profile', async () => {
    const { id } = await somebody();
    await service.deliver(userEvent('user-deleted', id));
    assert.deepEqual(await client.getProfiles(id), []);
  });

  test('none, more than a hundred and what is no id are refused', async () => {
    const hundredAndOne = Array.from({ length: 101 }, () => randomUUID());
    for (const ids of [[], hundredAndOne, ['ada'], [randomUUID(), '']]) {
      assert.equal(await codeOf(client.getProfiles(...ids)), status.INVALID_ARGUMENT);
    }
    assert.equal(await codeOf(client.getProfiles('x'.repeat(20_000))), status.RESOURCE_EXHAUSTED);
  });

  test('calls are counted by their outcome', async () => {
    await codeOf(client.getProfiles());
    const metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
    assert.match(metrics, /grpc_call_duration_seconds_count\{.*GetProfiles",code="INVALID_ARGUMENT".*\} [1-9]/);
  });

  test('health says so of the whole and of the service', async () => {
    for (const name of ['', SERVICE]) assert.equal(await getHealth(port, name), 'SERVING');
  });
});

test('a table that is away is told of without its name', async () => {
  const port = await freePort();
  const service = await startProfile({ GRPC_PORT: String(port) });
  const client = clientOf(port);
  await service.database.query('DROP TABLE profiles');
  await assert.rejects(client.getProfiles(randomUUID()), (error: Error & { code: number }) => {
    assert.equal(error.code, status.INTERNAL);
    assert.doesNotMatch(error.message, /profiles|relation|table/);
    return true;
  });
  client.close();
  await service.stop();
});

test('there is no reflection unless asked for', async () => {
  const port = await freePort();
  const service = await startProfile({ GRPC_PORT: String(port) });
  await assert.rejects(bufCurl(port, '--list-methods', ''), /unimplemented|does not support/i);
  await service.stop();
});

test('while it stops, health says that it does not serve, and calls get their responses', async () => {
  const port = await freePort();
  const service = await startProfile({ GRPC_PORT: String(port), SHUTDOWN_DELAY_MS: '500' });
  const client = clientOf(port);
  await client.getProfiles(randomUUID());
  const stopped = service.stop();
  assert.equal(await getHealth(port, ''), 'NOT_SERVING');
  assert.deepEqual(await client.getProfiles(randomUUID()), []);
  await stopped;
  assert.equal(await codeOf(client.getProfiles(randomUUID())), status.UNAVAILABLE);
  client.close();
});
