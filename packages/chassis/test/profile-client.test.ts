import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { getServers, setServers } from 'node:dns';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { type ProfileStandIn, startProfileStandIn } from '@wave-connect/dev-env/testing';
import { Metrics } from '../src/observability/metrics.ts';
import { createProfileClient } from '../src/profile-client.ts';
import { silent } from './support.ts';

const DEADLINE_MS = 10_000;
const usual = getServers();

let profile: ProfileStandIn;
/** A resolver that never responds: what waits for it keeps a process that stops. */
let resolver: Socket;
let questions = 0;

before(async () => {
  profile = await startProfileStandIn();
  resolver = createSocket('udp4', () => {
    questions += 1;
  });
  resolver.bind(0, '127.0.0.1');
  await once(resolver, 'listening');
  setServers([`127.0.0.1:${resolver.address().port}`]);
});
after(async () => {
  setServers(usual);
  resolver.close();
  await profile.stop();
});

test('the settings of the channel are not asked of DNS', async () => {
  const [, port] = profile.target.split(':');
  const client = createProfileClient(
    { target: `localhost:${port}`, deadlineMs: DEADLINE_MS },
    { log: silent, metrics: new Metrics('test') },
  );
  assert.deepEqual(await client.find([randomUUID()]), []);
  client.close();
  assert.equal(questions, 0);
});
