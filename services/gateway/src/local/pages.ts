import { readFileSync } from 'node:fs';
import { contractFile } from '@wave-connect/chassis/http/contract.ts';
import { methodNotAllowed } from '@wave-connect/chassis/http/method-not-allowed.ts';
import { Router } from 'express';
import { createDocsRouter } from './docs.ts';

/** The contract, as it is and as a page to read. */
export function createPages(): Router {
  const contract = readFileSync(contractFile);
  const router = Router();
  router.get('/openapi.yaml', (_req, res) => {
    res.type('application/yaml').set('Cache-Control', 'no-cache').send(contract);
  });
  router.use(createDocsRouter());
  router.all(['/openapi.yaml', '/docs'], methodNotAllowed('GET', 'HEAD'));
  return router;
}
