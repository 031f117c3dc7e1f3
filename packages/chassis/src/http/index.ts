export { healthRouter } from './health-router.ts';
export { callerOf, isUserId, sessionOf } from './identity.ts';
export { createMetricsPart } from './metrics-server.ts';
export {
  methodNotAllowed,
  notFound,
  type Problem,
  problemBody,
  problemHandler,
  refuseUpgrade,
  sendProblem,
  toProblem,
} from './problem.ts';
export { logResponse, requestIdOf, requestIds, requestLog } from './request-log.ts';
export { createHttpServer, type HttpServer } from './server.ts';
export { createShedding, type Shedding } from './shedding.ts';
