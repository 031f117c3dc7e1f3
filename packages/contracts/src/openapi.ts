/** The parts of an OpenAPI 3.0 document that are read here. */
export type OpenApi = { paths: Record<string, PathItem> } & Record<string, unknown>;

export type Ref = { $ref: string };
export type Schema = {
  type?: string;
  format?: string;
  enum?: (string | number)[];
  default?: unknown;
  properties?: Record<string, Schema | Ref>;
};
export type Parameter = { name: string; in: string; required?: boolean; schema: Schema | Ref };
export type Header = { required?: boolean; schema: Schema | Ref };
export type Content = Record<string, { schema: Schema | Ref }>;
export type Response = { headers?: Record<string, Header | Ref>; content?: Content };

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;
export type Method = (typeof METHODS)[number];
const isMethod = (key: string): key is Method => (METHODS as readonly string[]).includes(key);

type OperationObject = {
  operationId: string;
  tags: string[];
  security?: object[];
  'x-rate-limit'?: 'sign-in';
  parameters?: (Parameter | Ref)[];
  requestBody?: { content: Content } | Ref;
  responses: Record<string, Response | Ref>;
};
type PathItem = { parameters?: (Parameter | Ref)[] } & { [method in Method]?: OperationObject };

/** An operation, with what it has by way of its path and of references. */
export type Operation = {
  id: string;
  /** Which service it belongs to: the gateway where that is one of its tags, or else its first tag. */
  service: string;
  method: Method;
  /** As in the document, from the root on. */
  path: string;
  /** Whether it needs no caller. */
  isPublic: boolean;
  /** The limit that counts it at the gateway, where that is not the usual one. */
  rateLimit: 'sign-in' | undefined;
  parameters: Parameter[];
  /** By media type; empty where the request has no body. */
  requestContent: Content;
  /** By status. */
  responses: Record<string, Response>;
};

/** The operations of a document, in its order. */
export function operationsOf(document: OpenApi): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter(isMethod)
      .flatMap((method) => {
        const operation = item[method];
        return operation ? [readOperation(document, path, item, method, operation)] : [];
      }),
  );
}

/**
 * Operations in the order in which their paths match a request: `/conversation` comes before `/{id}`, which it would
 * match as well. Gateway and services share it, so that a request is one operation to both.
 */
export function byPrecedence(operations: readonly Operation[]): Operation[] {
  const sortKey = ({ path }: Operation) => path.replaceAll(/\{\w+\}/g, '~');
  return operations.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function readOperation(
  document: OpenApi,
  path: string,
  item: PathItem,
  method: Method,
  operation: OperationObject,
): Operation {
  const { operationId, tags, security, parameters = [], requestBody, responses } = operation;
  const [firstTag = ''] = tags;
  return {
    id: operationId,
    service: tags.includes('gateway') ? 'gateway' : firstTag,
    method,
    path,
    isPublic: security?.length === 0,
    rateLimit: operation['x-rate-limit'],
    parameters: [...(item.parameters ?? []), ...parameters].map((parameter) => resolve(document, parameter)),
    requestContent: requestBody ? resolve(document, requestBody).content : {},
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, resolve(document, response)]),
    ),
  };
}

/** What a reference within the document leads to, or what is no reference itself. */
export function resolve<Node extends object>(document: OpenApi, node: Node | Ref): Node {
  if (!('$ref' in node)) return node;
  const [, ...keys] = String(node.$ref).split('/');
  const found = keys.reduce<unknown>((parent, key) => (parent as Record<string, unknown>)[key], document);
  return resolve(document, found as Node | Ref);
}
