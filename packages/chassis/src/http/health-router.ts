import { Router } from 'express';
import type { Health } from '../health.ts';

/** `/livez`: the process runs. `/readyz` and, under its older name, `/health`: it can serve, or why not. */
export function healthRouter(health: Health): Router {
  const router = Router();
  router.use(['/health', '/livez', '/readyz'], (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.get('/livez', (_req, res) => {
    const report = health.liveness();
    res.status(report.ok ? 200 : 503).json({ status: report.ok ? 'ok' : 'failing', checks: report.checks });
  });
  router.get(['/readyz', '/health'], async (_req, res) => {
    const report = await health.readiness();
    res.status(report.ok ? 200 : 503).json({ status: report.ok ? 'ready' : 'not ready', checks: report.checks });
  });
  return router;
}
