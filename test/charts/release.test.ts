import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { templateOf } from './pods.ts';
import { ofKind, type Resource, renderAs, unrendered } from './rendered.ts';

/** Strimzi hands labels of these on to pods, and reconciles them when anything changes. */
const COPIED = ['Kafka', 'KafkaNodePool', 'KafkaTopic', 'KafkaUser'];

/** Resources that a chart version which changes nothing would change so that pods start again, or the operator acts. */
function restarted(before: Resource[], after: Resource[]): string[] {
  const changed = (what: (resource: Resource) => unknown) =>
    before.flatMap((resource, index) => {
      const other = after[index] as Resource;
      const same = JSON.stringify(what(resource)) === JSON.stringify(what(other));
      return same ? [] : [`${resource.kind}/${resource.metadata.name}`];
    });
  return changed((resource) => {
    if (COPIED.includes(resource.kind)) return settled(resource);
    return resource.kind === 'Pod' ? undefined : templateOf(resource);
  });
}

/** Where no cluster can be asked, each rendering makes passwords anew, and with them their sums. */
const settled = ({ metadata, spec }: Resource) => ({ metadata, spec: { ...spec, template: undefined } });

describe('a version of the charts that changes nothing', { skip: unrendered }, () => {
  const [before, after] = unrendered ? [[], []] : [renderAs('1.0.0'), renderAs('1.1.0')];
  const change = (kind: string, what: (resource: Resource) => void): Resource[] =>
    structuredClone(after).map((resource) => {
      if (resource.kind === kind) what(resource);
      return resource;
    });

  test('restarts no pod', () => {
    assert.ok(ofKind(before, 'KafkaNodePool').length === 1 && ofKind(before, 'Deployment').length === 5);
    assert.deepEqual(restarted(before, after), []);
  });
  test('is a version of its own', () => {
    const label = ([deployment]: Resource[]) => deployment?.metadata.labels['helm.sh/chart'];
    assert.equal(label(ofKind(before, 'Deployment')), 'auth-1.0.0');
    assert.equal(label(ofKind(after, 'Deployment')), 'auth-1.1.0');
  });
  for (const kind of ['Kafka', 'KafkaNodePool']) {
    test(`a version among the labels of ${kind} is noticed`, () => {
      const labelled = change(kind, ({ metadata }) => {
        metadata.labels['helm.sh/chart'] = 'kafka-1.1.0';
      });
      assert.equal(restarted(before, labelled).length, 1);
    });
  }
  test('a version among the labels of pods is noticed', () => {
    const labelled = change('StatefulSet', ({ spec }) => {
      spec.template.metadata.labels['app.kubernetes.io/version'] = '1.1.0';
    });
    assert.equal(restarted(before, labelled).length, 4);
  });
});
