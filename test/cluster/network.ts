import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { DATA_SERVICES, SERVICES, USUAL_PORTS } from '@wave-connect/dev-env/system';
import { apply, execute, get, kubectl, untilCondition } from './kubectl.ts';
import { makeNamespace, removeNamespace } from './namespace.ts';
import { reachable, type Target } from './reach.ts';
import { IMAGE_TAG, type Release } from './release.ts';

const KAFKA_PORT = 9093;
const POSTGRES_PORT = 5432;

/** Who may open a connection to whom: the arrows of docs/architecture.md, and no others. */
const ARROWS: Record<string, string[]> = {
  gateway: DATA_SERVICES.map((name) => `${name}:http`),
  ...Object.fromEntries(DATA_SERVICES.map((name) => [name, [`${name}:postgres`, 'kafka']])),
  chat: ['chat:postgres', 'kafka', 'auth:http', 'profile:grpc'],
  feed: ['feed:postgres', 'kafka', 'profile:grpc'],
};

/** A pod that is nobody's, with the gateway's image. */
const stranger = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'stranger',
        image: `wave-connect-gateway:${IMAGE_TAG}`,
        command: ['sleep', 'infinity'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});

/** Tests that policies let through what the picture shows and nothing else, by real connections between pods. */
export function testNetwork(release: () => Release): void {
  describe('a connection is let through only where the picture has an arrow', () => {
    const elsewhere = () => `${release().namespace}-elsewhere`;
    const targets: Target[] = [];

    before(async () => {
      const { namespace, name, pods } = release();
      const podAddress = async (component: string, chart: string) => {
        const found = (await pods(component)).find(
          ({ metadata }) => metadata.labels['app.kubernetes.io/name'] === chart && !metadata.deletionTimestamp,
        );
        return found?.status.podIP as string;
      };
      for (const service of SERVICES) {
        const address = await podAddress('service', service);
        targets.push({ name: `${service}:http`, address, port: USUAL_PORTS[service] });
        targets.push({ name: `${service}:metrics`, address, port: USUAL_PORTS[`${service}-metrics`] });
        if (service === 'profile') targets.push({ name: 'profile:grpc', address, port: USUAL_PORTS['profile-grpc'] });
      }
      for (const service of DATA_SERVICES) {
        const address = await podAddress('postgres', service);
        targets.push({ name: `${service}:postgres`, address, port: POSTGRES_PORT });
      }
      const { spec } = await get(namespace, 'service', `${name}-kafka-kafka-bootstrap`);
      targets.push({ name: 'kafka', address: spec.clusterIP, port: KAFKA_PORT });
      await makeNamespace(elsewhere());
      for (const place of [namespace, elsewhere()]) {
        await apply(place, stranger('stranger'));
        await untilCondition(place, 'pod/stranger', 'condition=Ready');
      }
    });

    for (const service of SERVICES) {
      test(`from ${service}`, async () => {
        const { namespace, name } = release();
        const others = targets.filter(
          (target) => !target.name.startsWith(`${service}:`) || /postgres/.test(target.name),
        );
        const found = await reachable(namespace, `deployment/${name}-${service}`, others);
        assert.deepEqual(found, ARROWS[service]?.toSorted());
      });

      test(`${service} listens on both of its ports, as itself can tell`, async () => {
        const { namespace, name } = release();
        const own = [USUAL_PORTS[service], USUAL_PORTS[`${service}-metrics`]];
        const script = own.map((port) => `</dev/tcp/127.0.0.1/${port}`).join(' && ');
        await execute(namespace, `deployment/${name}-${service}`, script);
      });
    }

    for (const service of DATA_SERVICES) {
      test(`from the Postgres of ${service}: none`, async () => {
        const { namespace, name } = release();
        const others = targets.filter((target) => target.name !== `${service}:postgres`);
        assert.deepEqual(await reachable(namespace, `${name}-${service}-db-0`, others), []);
      });
    }

    for (const [where, place] of [
      ['this namespace', () => release().namespace],
      ['another namespace', elsewhere],
    ] as const) {
      test(`from a pod of ${where} that is nobody's: the gateway alone`, async () => {
        assert.deepEqual(await reachable(place(), 'stranger', targets), ['gateway:http']);
      });
    }

    test('the pods that belong to no service leave', async () => {
      await kubectl(['delete', 'pod', 'stranger', '-n', release().namespace, '--wait']);
      await removeNamespace(elsewhere());
    });
  });
}
