/** What this needs to know of an OpenAPI document. */
export type Contract = { paths: Record<string, Record<string, { responses?: Record<string, unknown> }>> };

type Statuses = { success: string[]; errors: string[] };

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const FENCED_CODE = /^```[\s\S]*?^```$/gm;
const HEADING = /^#{1,6} /m;
const OPERATION = /^### (?<name>[A-Z]+ \/\S*)$/;

/**
 * Says in a sentence each how a Markdown reference and a contract disagree; nothing when they agree. The reference
 * has a heading `### METHOD /path` for each operation, and below it bullets `- **Success**:` and `- **Errors**:`
 * that name statuses in backticks, those below 400 in the first.
 */
export function disagreements(reference: string, contract: Contract): string[] {
  const described = describedOperations(reference);
  const agreed = agreedOperations(contract);
  const names = described.map(({ name }) => name);
  return [
    ...[...agreed.keys()].filter((name) => !names.includes(name)).map((name) => `${name} is not described`),
    ...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${name} is described twice`),
    ...described.flatMap(({ name, statuses }) => {
      const expected = agreed.get(name);
      return expected ? statusDisagreements(name, statuses, expected) : [`${name} is not in the contract`];
    }),
  ];
}

function statusDisagreements(name: string, stated: Statuses, agreed: Statuses): string[] {
  return (['success', 'errors'] as const)
    .filter((kind) => stated[kind].join() !== agreed[kind].join())
    .map((kind) => `${name}: ${kind} [${stated[kind]}], in the contract [${agreed[kind]}]`);
}

function agreedOperations({ paths }: Contract): Map<string, Statuses> {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method): [string, Statuses] => {
      const statuses = Object.keys(item[method]?.responses ?? {}).sort();
      return [
        `${method.toUpperCase()} ${path}`,
        { success: statuses.filter((status) => status < '400'), errors: statuses.filter((status) => status >= '400') },
      ];
    }),
  );
  return new Map(operations);
}

function describedOperations(reference: string): { name: string; statuses: Statuses }[] {
  const lines = reference.replaceAll(FENCED_CODE, '').split('\n');
  return lines.flatMap((line, at) => {
    const name = OPERATION.exec(line)?.groups?.name;
    if (name === undefined) return [];
    const [section = ''] = lines
      .slice(at + 1)
      .join('\n')
      .split(HEADING);
    return [
      { name, statuses: { success: statedStatuses(section, 'Success'), errors: statedStatuses(section, 'Errors') } },
    ];
  });
}

/** The statuses that a bullet names, which ends at the next bullet or at an empty line. */
function statedStatuses(section: string, bullet: 'Success' | 'Errors'): string[] {
  const [, text = ''] = section.split(`- **${bullet}**:`);
  const [own = ''] = text.split(/^(?:- |$)/m);
  return [...own.matchAll(/`(\d{3})`/g)].map(([, status = '']) => status).sort();
}
