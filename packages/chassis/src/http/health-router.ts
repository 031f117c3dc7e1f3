import { type RequestHandler, Router } from 'express';
import type { Health } from '../observability/health.ts';
import { methodNotAllowed } from './problem.ts';

const PATHS = ['/health', '/livez', '/readyz'];

/** `/health`: it responds. `/livez`: nothing is wrong that only a new process mends. `/readyz`: it can serve. */
export function healthRouter(health: Health): RequestHandler {
  const router = Router({ caseSensitive: true });
  router.use(PATHS, (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.get('/livez', (_req, res) => {
    const report = health.liveness();
    res.status(report.ok ? 200 : 503).json({ status: report.ok ? 'ok' : 'failing', checks: report.checks });
  });
  router.get('/health', (_req, res) => {
    res.json({ status: 'ok' });
  });
  router.get('/readyz', async (_req, res) => {
    const report = await health.readiness();
    res.status(report.ok ? 200 : 503).json({ status: report.ok ? 'ready' : 'not ready', checks: report.checks });
  });
  router.all(PATHS, methodNotAllowed('GET', 'HEAD'));
  // All other requests pass it by.
  return (req, res, next) => (isProbe(req.path) ? router(req, res, next) : next());
}

const isProbe = (path: string) => PATHS.some((probe) => path.startsWith(probe));
