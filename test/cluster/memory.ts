import { kubectl } from './kubectl.ts';

type Summary = {
  pods: { podRef: { name: string; namespace: string }; containers?: { memory?: { workingSetBytes?: number } }[] }[];
};

const MIB = 1024 * 1024;

/** Each pod's memory in MiB, by its name, as the kubelets count it against its limit; empty where they do not tell. */
export async function memoryOf(namespace: string): Promise<Record<string, number>> {
  const nodes = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])).items.map(
    ({ metadata }: { metadata: { name: string } }) => metadata.name,
  );
  const memory: Record<string, number> = {};
  for (const node of nodes) {
    const text = await kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`]).catch(
      () => '{"pods":[]}',
    );
    const { pods }: Summary = JSON.parse(text);
    for (const { podRef, containers = [] } of pods.filter(({ podRef }) => podRef.namespace === namespace)) {
      const bytes = containers.reduce((sum, { memory }) => sum + (memory?.workingSetBytes ?? 0), 0);
      memory[podRef.name] = Math.round(bytes / MIB);
    }
  }
  return memory;
}
