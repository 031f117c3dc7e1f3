import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { methodNotAllowed } from '@wave-connect/chassis/http/method-not-allowed.ts';
import { type RequestHandler, type Response, Router } from 'express';
import sirv from 'sirv';

/** All from this origin; nothing inline, and no text that a script could turn into markup. Previews are `blob:` images. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const INDEX = '/index.html';
const METHODS = ['GET', 'HEAD'];
/** Their names change with their content. */
const HASHED = '/assets/';
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Where `services/web` is built to. */
const BUILT = fileURLToPath(new URL('../../../web/dist/', import.meta.url));

/**
 * The page that people use, as it has been built: its files, and `index.html` at each address that the build names
 * as the page's own. Nothing where it has not been built.
 */
export function createPageRouter(folder = BUILT): Router {
  const router = Router();
  if (!isBuilt(folder)) return router;
  const serve = sirv(folder, { brotli: true, gzip: true, etag: true, extensions: [], setHeaders: ofFile });
  const routes = readRoutes(folder);
  router.use(plainTargets);
  router.get(routes, (req, res, next) => {
    // Before it is known whether the answer is a 304, whose headers replace those that the browser has.
    res.set({ 'Content-Security-Policy': CONTENT_SECURITY_POLICY, 'Cache-Control': 'no-cache' });
    req.url = INDEX;
    serve(req, res, next);
  });
  router.all(routes, methodNotAllowed(...METHODS));
  router.use((req, res, next) => (METHODS.includes(req.method) && req.path !== INDEX ? serve(req, res, next) : next()));
  return router;
}

const isBuilt = (folder = BUILT): boolean => existsSync(join(folder, INDEX));

const readRoutes = (folder: string): string[] =>
  JSON.parse(readFileSync(join(folder, '.routes.json'), 'utf8')) as string[];

/** The page leaves a whole URL as a target to those who refuse it. */
const plainTargets: RequestHandler = (req, _res, next) => next(req.url.startsWith('/') ? undefined : 'router');

function ofFile(res: ServerResponse, path: string): void {
  (res as Response).locals.route = 'page';
  res.setHeader('Cache-Control', path.startsWith(HASHED) ? FOR_EVER : 'no-cache');
}
