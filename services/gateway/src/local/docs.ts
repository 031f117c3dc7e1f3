import { fileURLToPath } from 'node:url';
import { type RequestHandler, Router } from 'express';

/** All from this origin, and no script or style within the page. Swagger UI's icons are `data:` images. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const own = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const library = (file: string) => fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`));

/** `/docs`: the contract as a page, which asks no other site for anything. */
export function createDocsRouter(): Router {
  const router = Router();
  router.get('/docs', send(own('docs/page.html')));
  router.get('/docs/page.js', send(own('docs/page.js')));
  router.get('/docs/swagger-ui.css', send(library('swagger-ui.css')));
  router.get('/docs/swagger-ui-bundle.js', send(library('swagger-ui-bundle.js')));
  return router;
}

const send =
  (file: string): RequestHandler =>
  (_req, res, next) => {
    res.set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    // `dotfiles`: the folder that this is installed in may lie below one.
    res.sendFile(file, { dotfiles: 'allow', cacheControl: true, maxAge: 0 }, (error) => error && next(error));
  };
