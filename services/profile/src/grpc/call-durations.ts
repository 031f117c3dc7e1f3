import { DURATION_BUCKETS_S, type Metrics } from '@wave-connect/chassis/observability';
import { Histogram } from 'prom-client';

export type CallDurations = Histogram<'method' | 'code'>;

export const callDurations = ({ registry }: Metrics): CallDurations =>
  new Histogram({
    name: 'grpc_call_duration_seconds',
    help: 'Time from a call to its response.',
    labelNames: ['method', 'code'],
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  });
