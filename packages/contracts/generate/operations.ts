import { type Content, type OpenApi, type Operation, operationsOf, type Response, resolve } from '../src/openapi.ts';

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';
/** Every response has it, so no operation sets it. */
const GENERAL_HEADER = 'X-Request-Id';

const HEAD = `// Generated from openapi.yaml by packages/contracts/generate

import type * as types from './types.gen.ts';

/** With the parts that have a default, which validation fills in. */
type Filled<T, Part extends keyof T> = Omit<T, Part> & Required<Pick<T, Part>>;

/** By operation id: who it belongs to, what its validated request holds, its responses, and statuses of its problems. */
export type Operations = {`;

/** The TypeScript of all operations, on top of the types that `@hey-api/typescript` makes. */
export function typesOfOperations(document: OpenApi): string {
  const { requestOf, responseOf } = typesIn(document);
  const entries = operationsOf(document).map((operation) => {
    const statuses = Object.entries(operation.responses).filter(([status]) => Number(status) >= 200);
    const [problems, responses] = [statuses.filter(isProblem), statuses.filter((entry) => !isProblem(entry))];
    return `  ${operation.id}: {
    service: '${operation.service}';
    request: ${object(requestOf(operation))};
    response: ${union(responses.map(([status, response]) => object(responseOf(operation, status, response))))};
    problem: ${union(problems.map(([status]) => status))};
  };`;
  });
  return [HEAD, ...entries, '};', ''].join('\n');
}

/** The members of the types of requests and responses, as TypeScript. */
function typesIn(document: OpenApi) {
  function requestOf({ id, path, isPublic, parameters, requestContent }: Operation): string[] {
    const data = `types.${typeName(id)}Data`;
    const query = parameters.filter((parameter) => parameter.in === 'query');
    const defaults = query.filter(({ schema }) => hasDefault(schema)).map(({ name }) => name);
    return [
      ...(isPublic ? [] : ['caller: string']),
      ...(path.includes('{') ? [`params: ${data}['path']`] : []),
      ...(query.length > 0 ? [`query: ${filled(`NonNullable<${data}['query']>`, defaults)}`] : []),
      ...bodyOf(requestContent, filled(`${data}['body']`, defaultsOfBody(requestContent))),
    ];
  }

  function responseOf({ id }: Operation, status: string, { headers = {}, content = {} }: Response): string[] {
    const members = Object.entries(headers)
      .filter(([name]) => name !== GENERAL_HEADER)
      .map(([name, header]) => {
        const { required = false, schema } = resolve(document, header);
        // The one header that stands in a response several times (RFC 9110, section 5.3).
        const type = name === 'Set-Cookie' ? 'string[]' : primitive(schema);
        return { required, text: `${literal(name)}${required ? '' : '?'}: ${type}` };
      });
    const optional = members.some(({ required }) => required) ? '' : '?';
    const kind = Number(status) < 400 ? 'Responses' : 'Errors';
    return [
      `status: ${status}`,
      ...(members.length > 0 ? [`headers${optional}: ${object(members.map(({ text }) => text))}`] : []),
      ...bodyOf(content, `types.${typeName(id)}${kind}[${status}]`),
    ];
  }

  const hasDefault = (schema: Parameters<typeof primitive>[0]): boolean =>
    resolve(document, schema).default !== undefined;

  function defaultsOfBody(content: Content): string[] {
    const schema = content[JSON_TYPE]?.schema;
    const properties = schema ? (resolve(document, schema).properties ?? {}) : {};
    return Object.keys(properties).filter((name) => hasDefault(properties[name] ?? {}));
  }

  function primitive(schema: Content[string]['schema']): string {
    const { type, enum: values } = resolve(document, schema);
    if (values) return union(values.map(literal));
    // A header that is sent once for each.
    if (type === 'array') return 'string[]';
    return type === 'integer' || type === 'number' ? 'number' : 'string';
  }

  return { requestOf, responseOf };
}

/** JSON has a type; of anything else there are bytes and their media type. */
function bodyOf(content: Content, jsonType: string): string[] {
  const mediaTypes = Object.keys(content);
  if (mediaTypes.length === 0) return [];
  if (mediaTypes.includes(JSON_TYPE)) return [`body: ${jsonType}`];
  return [`contentType: ${union(mediaTypes.map(literal))}`, 'body: Uint8Array<ArrayBuffer>'];
}

const isProblem = ([, { content = {} }]: [string, Response]): boolean => PROBLEM_TYPE in content;

/** The name that `@hey-api/typescript` gives to an operation. */
const typeName = (id: string): string => `${id.charAt(0).toUpperCase()}${id.slice(1)}`;

const filled = (type: string, parts: string[]): string =>
  parts.length === 0 ? type : `Filled<${type}, ${union(parts.map(literal))}>`;

const literal = (value: string | number): string => (typeof value === 'number' ? String(value) : `'${value}'`);

const object = (members: string[]): string => (members.length === 0 ? 'object' : `{ ${members.join('; ')} }`);

const union = (types: string[]): string => (types.length === 0 ? 'never' : types.join(' | '));
