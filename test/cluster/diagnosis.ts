import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { root } from '../support/command.ts';
import { execute, kubectl, list, type Resource } from './kubectl.ts';
import type { Release } from './release.ts';

/** What first failures left to look at; .ci/run shows it. */
const FOLDER = join(root, '.data', 'diagnoses');
const COMPLAINTS = ['warn', 'error', 'fatal'];
const LINES_OF_A_POD = 6;
const LINE_LENGTH = 240;
const TELLING = /^(events_consumer_(running|stalled_seconds|lag)|outbox_(pending|oldest_age_seconds|failures_total))\b/;

/** Where a test of this `describe` fails, and is the first, keeps how the pods of the release are before they are removed. */
export function diagnoseFirstFailure(release: () => Release | undefined): void {
  let done = false;
  afterEach(async (t) => {
    const failed = release();
    if (t.passed || done || failed === undefined) return;
    done = true;
    const text = await diagnose(failed).catch((error) => `no diagnosis: ${error.message}`);
    await mkdir(FOLDER, { recursive: true });
    await writeFile(join(FOLDER, `${failed.namespace}.txt`), `first to fail: ${t.name}\n${text}\n`);
  });
}

async function diagnose({ namespace }: Release): Promise<string> {
  const pods = await list(namespace, 'pods');
  const services = pods.filter(({ metadata }) => componentOf(metadata) === 'service');
  const parts = [...pods.map(stateOf), ...(await Promise.all(services.map((pod) => complaintsOf(namespace, pod))))];
  return parts.filter(Boolean).join('\n');
}

function stateOf({ metadata, status }: Resource): string {
  const containers: Resource['status'][] = status.containerStatuses ?? [];
  const restarts = containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const ready = containers.every(({ ready }) => ready);
  return ready && restarts === 0 ? '' : `${metadata.name}: ${status.phase}, ready ${ready}, ${restarts} restarts`;
}

/** The last complaints of a service's pod, and those of its metrics that tell of events. */
async function complaintsOf(namespace: string, { metadata, spec }: Resource): Promise<string> {
  const { name } = metadata;
  const log = await kubectl(['logs', '-n', namespace, name, '--tail=2000']);
  const complaints = log.split('\n').filter(isComplaint).slice(-LINES_OF_A_POD);
  const { containerPort: port } = spec.containers[0].ports.find((port: { name: string }) => port.name === 'metrics');
  const ask = `fetch('http://127.0.0.1:${port}/metrics').then((response) => response.text()).then(console.log)`;
  const metrics = await execute(namespace, name, `node -e "${ask}"`).catch((error) => String(error.message));
  const telling = metrics.split('\n').filter((line) => TELLING.test(line));
  return [name, ...complaints, ...telling].map((line) => line.slice(0, LINE_LENGTH)).join('\n  ');
}

function isComplaint(line: string): boolean {
  try {
    return COMPLAINTS.includes(JSON.parse(line).level);
  } catch {
    return line !== '';
  }
}

const componentOf = ({ labels = {} }: Resource['metadata']): string => labels['app.kubernetes.io/component'];
