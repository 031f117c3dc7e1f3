import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { methodNotAllowed } from '@wave-connect/chassis/http';
import { contractFile } from '@wave-connect/chassis/http/app';
import { type RequestHandler, Router } from 'express';

/** All from this origin, and no script or style within the HTML. Swagger UI's icons are `data:` images. */
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

const own = (file: string) => fileURLToPath(new URL(`docs/${file}`, import.meta.url));
const library = (file: string) => fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`));

/** `/openapi.yaml`, the contract, and `/docs`, where Swagger UI shows it without a request to another site. */
export function createDocsRouter(): Router {
  const contract = readFileSync(contractFile);
  const router = Router({ caseSensitive: true });
  router.get('/openapi.yaml', (_req, res) => {
    res.type('application/yaml').set('Cache-Control', 'no-cache').send(contract);
  });
  router.get('/docs', send(own('page.html')));
  router.get('/docs/page.js', send(own('page.js')));
  router.get('/docs/swagger-ui.css', send(library('swagger-ui.css')));
  router.get('/docs/swagger-ui-bundle.js', send(library('swagger-ui-bundle.js')));
  router.all(['/openapi.yaml', '/docs'], methodNotAllowed('GET', 'HEAD'));
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
