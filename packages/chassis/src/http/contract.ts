import { readFileSync } from 'node:fs';
import type { OpenApi } from '@wave-connect/contracts/openapi.ts';
import { VISIBLE_CHARACTER } from '@wave-connect/contracts/visible-text.ts';
import type { RequestHandler } from 'express';
import { middleware } from 'express-openapi-validator';
import { parse } from 'yaml';

/** The contract as text, for the gateway and for documentation. */
export const contractFile = new URL('../../../../openapi.yaml', import.meta.url);

type Validator = Parameters<typeof middleware>[0];

export const readContract = (): OpenApi => parse(readFileSync(contractFile, 'utf8'), withoutExamples) as OpenApi;

/** The validator's own `uuid` also takes URNs, which Postgres does not. */
export const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Formats of the contract that JSON Schema does not have, or has otherwise. */
export const FORMATS = { uuid: UUID, 'visible-text': VISIBLE_CHARACTER };

/**
 * Validates every request below `prefix` against openapi.yaml, and with `validateResponses`, as the tests
 * have it, every response too. Expects paths without a trailing slash, as `withoutTrailingSlash` leaves them.
 */
export function validateAgainstContract(prefix: string, options: { validateResponses: boolean }): RequestHandler[] {
  const apiSpec: object = serviceContract(readContract(), prefix);
  return middleware({
    apiSpec: apiSpec as Extract<Validator['apiSpec'], object>,
    validateApiSpec: false,
    validateRequests: { allowUnknownQueryParameters: false },
    validateResponses: options.validateResponses,
    // The gateway has verified the token; services know the caller by X-User-ID.
    validateSecurity: false,
    fileUploader: false,
    formats: FORMATS,
  });
}

/** The validator would take an `id` in an example for the name of a schema. */
const withoutExamples = (key: unknown, value: unknown) => (key === 'example' || key === 'examples' ? undefined : value);

/** The part of the contract below `prefix`, with every path in its form without a trailing slash. */
function serviceContract(spec: OpenApi, prefix: string): OpenApi {
  const paths = Object.entries(spec.paths)
    .filter(([path]) => path.startsWith(`${prefix}/`))
    .map(([path, item]) => [path.replace(/\/$/, ''), item] as const);
  return { ...spec, servers: [{ url: '/' }], paths: Object.fromEntries(paths) };
}

/** HEAD is GET to routes and validator; Node leaves the body of the response out. */
export const headAsGet: RequestHandler = (req, _res, next) => {
  if (req.method === 'HEAD') req.method = 'GET';
  next();
};

/** `/api/feed` and `/api/feed/` are the same to every route and to the validator. */
export const withoutTrailingSlash: RequestHandler = (req, _res, next) => {
  const [path = '', ...query] = req.url.split('?');
  if (path.length > 1 && path.endsWith('/')) req.url = [path.slice(0, -1), ...query].join('?');
  next();
};
