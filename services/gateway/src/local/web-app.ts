import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { methodNotAllowed } from '@wave-connect/chassis/http';
import { type RequestHandler, Router } from 'express';
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
/** Names of files below it change with their content. */
const HASHED = '/assets/';
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Where `services/web` is built to. */
const BUILT = fileURLToPath(new URL('../../../web/dist/', import.meta.url));

/** The built files of the web app, and `index.html` at each route that the build lists. Empty where nothing is built. */
export function createWebAppRouter(folder = BUILT): Router {
  const router = Router({ caseSensitive: true });
  if (!existsSync(join(folder, INDEX))) return router;
  const serve = sirv(folder, { brotli: true, gzip: true, etag: true, extensions: [], setHeaders: setCacheControl });
  const routes = JSON.parse(readFileSync(join(folder, '.routes.json'), 'utf8')) as string[];
  router.use(originFormOnly);
  router.get(routes, (req, res, next) => {
    // Set before it is known whether the response is a 304, whose headers replace those that the browser has.
    res.set({ 'Content-Security-Policy': CONTENT_SECURITY_POLICY, 'Cache-Control': 'no-cache' });
    req.url = INDEX;
    serve(req, res, next);
  });
  router.all(routes, methodNotAllowed(...METHODS));
  router.use((req, res, next) => (METHODS.includes(req.method) && req.path !== INDEX ? serve(req, res, next) : next()));
  return router;
}

/** Leaves a whole URL as a target to the handlers that refuse it. */
const originFormOnly: RequestHandler = (req, _res, next) => next(req.url.startsWith('/') ? undefined : 'router');

function setCacheControl(res: ServerResponse, path: string): void {
  res.setHeader('Cache-Control', path.startsWith(HASHED) ? IMMUTABLE : 'no-cache');
}
