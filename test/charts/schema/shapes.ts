/** JSON Schema as far as it is used here. */
export type Schema = Record<string, unknown>;

/** No key but these: a misspelt one is an error that names it. */
export const closed = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});
/** Handed on to Kubernetes, whose own schema decides. */
export const free: Schema = { type: 'object' };
export const list = (items: Schema = free): Schema => ({ type: 'array', items });
export const text: Schema = { type: 'string' };
export const name: Schema = { type: 'string', minLength: 1 };
export const flag: Schema = { type: 'boolean' };
export const oneOf = (...values: string[]): Schema => ({ enum: values });
export const integer = (minimum: number, maximum?: number): Schema => ({
  type: 'integer',
  minimum,
  ...(maximum !== undefined && { maximum }),
});
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
export const port = integer(1, 65_535);
/** Of memory or storage, with its unit. */
export const quantity: Schema = { type: 'string', pattern: '^[0-9.]+([KMGT]i?|[kmu])?$' };
/** Values of labels, annotations and selectors: numbers and booleans must be quoted. */
export const labels: Schema = { type: 'object', additionalProperties: text };
export const scalar: Schema = { type: ['string', 'number', 'boolean'] };
/** A resource, or text that becomes one. */
export const extraObjects = list({ type: ['object', 'string'] });
export const peers = list(free);

/** One of digits alone, as of a commit, is a number to YAML and to `--set`. */
export const tag: Schema = { type: ['string', 'integer'] };

export const resources = closed({ requests: free, limits: free, claims: list() });
export const image = closed({
  registry: text,
  repository: name,
  tag,
  digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
  pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
});
const probeTimes = {
  initialDelaySeconds: integer(0),
  periodSeconds: integer(1),
  timeoutSeconds: integer(1),
  failureThreshold: integer(1),
};
export const probeTimings = closed(probeTimes);
export const probe = closed({ enabled: flag, ...probeTimes });
