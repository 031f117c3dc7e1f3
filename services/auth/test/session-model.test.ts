import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service/base';
import type { TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { createRandom, type Random } from '../../../test/support/random.ts';
import { aSession, refresh, startAuth, startReplica, type Tokens } from './support.ts';

const SEEDS = [1, 2, 3, 4];
const STEPS = 60;
const DEVICES = 3;
const PASSWORDS = ['correct horse battery', 'another horse battery'] as const;

let auth: TestService;
/** On the same database; it restarts now and then. */
let replica: Service;

before(async () => {
  // Passwords are right here, and from one address.
  auth = await startAuth();
  replica = await startReplica(auth);
});
after(async () => {
  await replica.stop();
  await auth.stop();
});

/** A client, what it was handed last, and whether its session lives as far as the model knows. */
type Device = { tokens: Tokens; live: boolean; stolen?: string };

/** The account as clients and the model know it. */
class World {
  readonly #random: Random;
  readonly #userId: string;
  readonly #email: string;
  readonly devices: Device[];
  #password: string = PASSWORDS[0];

  constructor(random: Random, { userId, email, ...tokens }: Tokens & { userId: string; email: string }) {
    this.#random = random;
    this.#userId = userId;
    this.#email = email;
    this.devices = [{ tokens, live: true }];
  }

  #replica = () => this.#random.pick([auth.url, replica.url]);

  #refresh = (token: string) => refresh({ url: this.#replica() }, token);

  async signIn(): Promise<void> {
    const { body } = await request(this.#replica())
      .post('/api/auth/login')
      .send({ email: this.#email, password: this.#password })
      .expect(202);
    const dead = this.devices.findIndex(({ live }) => !live);
    const device = { tokens: body, live: true };
    if (dead >= 0) this.devices[dead] = device;
    else if (this.devices.length < DEVICES) this.devices.push(device);
    else await this.#end(device);
  }

  async #end({ tokens }: Device): Promise<void> {
    await request(this.#replica()).post('/api/auth/logout').set('X-Session-ID', tokens.session_id).expect(204);
  }

  /** What a client does as a matter of course: no live one is ever refused, no other one ever served. */
  async refresh(device: Device): Promise<void> {
    const { status, body } = await this.#refresh(device.tokens.refresh_token);
    assert.equal(status, device.live ? 200 : 401);
    if (status === 200) device.tokens = body;
  }

  /** The response is lost, perhaps more than once, and the client tries again. */
  async loseResponses(device: Device): Promise<void> {
    for (let lost = this.#random.between(1, 3); lost > 0; lost -= 1) await this.#refresh(device.tokens.refresh_token);
    await this.refresh(device);
  }

  /** Tabs refresh at once; whichever response comes last is what the browser keeps. */
  async refreshInTabs(device: Device): Promise<void> {
    const responses = await Promise.all(
      Array.from({ length: this.#random.between(2, 4) }, () => this.#refresh(device.tokens.refresh_token)),
    );
    for (const { status } of responses) assert.equal(status, device.live ? 200 : 401);
    if (device.live) device.tokens = this.#random.pick(responses).body;
  }

  /** A thief copies the token; the owner goes on; the thief's use ends the session, whatever the owner holds. */
  async steal(device: Device): Promise<void> {
    const copy = device.tokens.refresh_token;
    await this.refresh(device);
    if (!device.live) return;
    if (this.#random.next() < 0.5) await this.refresh(device);
    else await age(device);
    await this.#refresh(copy).expect(401);
    device.live = false;
    await this.refresh(device);
  }

  async signOut(device: Device): Promise<void> {
    const scope = this.#random.pick(['local', 'others', 'global']);
    await request(this.#replica())
      .post(`/api/auth/logout?scope=${scope}`)
      .set('X-Session-ID', device.tokens.session_id)
      .expect(204);
    if (!device.live) return;
    for (const each of this.devices) {
      if (scope === 'global' || (each === device) === (scope === 'local')) each.live = false;
    }
  }

  async changePassword(device: Device): Promise<void> {
    if (!device.live) return;
    const password = PASSWORDS.find((each) => each !== this.#password) ?? '';
    await request(this.#replica())
      .put('/api/auth/password/')
      .set({ 'X-User-ID': this.#userId, 'X-Session-ID': device.tokens.session_id })
      .send({ current_password: this.#password, password })
      .expect(204);
    this.#password = password;
    for (const each of this.devices) each.live = each === device;
  }

  async assertAgrees(): Promise<void> {
    const { rows } = await auth.database.query('SELECT id FROM sessions WHERE user_id = $1', [this.#userId]);
    const expected = this.devices.filter(({ live }) => live).map(({ tokens }) => tokens.session_id);
    assert.deepEqual(rows.map(({ id }) => id).sort(), expected.sort());
  }
}

/** The time for which the token before is taken has passed. */
const age = ({ tokens }: Device) =>
  auth.database.query("UPDATE sessions SET time_refreshed = time_refreshed - interval '11 seconds' WHERE id = $1", [
    tokens.session_id,
  ]);

async function restart(): Promise<void> {
  await replica.stop();
  replica = await startReplica(auth);
}

type Step = { weight: number; take: (world: World, device: Device) => Promise<unknown> };

const STEPS_BY_NAME: Record<string, Step> = {
  refresh: { weight: 8, take: (world, device) => world.refresh(device) },
  'lost responses': { weight: 4, take: (world, device) => world.loseResponses(device) },
  tabs: { weight: 4, take: (world, device) => world.refreshInTabs(device) },
  theft: { weight: 2, take: (world, device) => world.steal(device) },
  'signing in': { weight: 4, take: (world) => world.signIn() },
  'signing out': { weight: 1, take: (world, device) => world.signOut(device) },
  'a new password': { weight: 1, take: (world, device) => world.changePassword(device) },
  'some time': { weight: 2, take: (_world, device) => age(device) },
  'a restart': { weight: 1, take: restart },
};

for (const seed of SEEDS) {
  test(`the model and the system agree over a random life of an account, seed ${seed}`, async () => {
    const random = createRandom(seed);
    const world = new World(random, await aSession(auth));
    const taken: string[] = [];
    try {
      for (let at = 0; at < STEPS; at += 1) {
        const name = random.weighted(Object.keys(STEPS_BY_NAME), (each) => STEPS_BY_NAME[each]?.weight ?? 0) ?? '';
        taken.push(name);
        await STEPS_BY_NAME[name]?.take(world, random.pick(world.devices));
        await world.assertAgrees();
      }
    } catch (error) {
      throw new Error(`after ${taken.join(', ')}`, { cause: error });
    }
  });
}
