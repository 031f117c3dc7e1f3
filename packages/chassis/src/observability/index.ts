export { Health } from './health.ts';
export { createLogger, type Logger } from './log.ts';
export { DURATION_BUCKETS_S, type Exposition, Metrics } from './metrics.ts';
export { networkOf } from './network.ts';
export { type RequestContext, requestId, runInContext } from './request-context.ts';
export { CLIENT_CLOSED_REQUEST, statusOf } from './response-status.ts';
export { createSecurityEvents, SECURITY_EVENTS, type SecurityEvent, type SecurityEvents } from './security-events.ts';
