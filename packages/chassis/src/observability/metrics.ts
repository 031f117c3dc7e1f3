import type { RequestHandler } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { statusOf } from './response-status.ts';

export const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One registry per service, so that several can live in one process. */
export class Metrics {
  readonly registry = new Registry();
  readonly #durations: Histogram<'method' | 'route' | 'status'>;
  readonly #observed = new Map<string, { labels: Record<string, string>; read: () => number }[]>();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
    this.#durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its response.',
      labelNames: ['method', 'route', 'status'],
      buckets: DURATION_BUCKETS_S,
      registers: [this.registry],
    });
  }

  /** `route` is the contract's pattern, so that ids do not become labels. */
  readonly observeRequests: RequestHandler = (req, res, next) => {
    const begin = performance.now();
    res.once('close', () => {
      const { openapi } = req as { openapi?: { openApiRoute?: string } };
      const route = openapi?.openApiRoute ?? 'other';
      this.observeRequest({ method: req.method, route, status: String(statusOf(res)) }, performance.now() - begin);
    });
    next();
  };

  observeRequest(labels: { method: string; route: string; status: string }, durationMs: number): void {
    this.#durations.observe(labels, durationMs / 1_000);
  }

  /** The counter of that name, made at the first call. */
  counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    const existing = this.registry.getSingleMetric(name) as Counter<Label> | undefined;
    return existing ?? new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  /** A gauge whose value is asked for at each scrape; those of one name differ in the values of the same labels. */
  observedGauge(name: string, help: string, read: () => number, labels: Record<string, string> = {}): void {
    const existing = this.#observed.get(name);
    const readers = existing ?? [];
    readers.push({ labels, read });
    if (existing) return;
    this.#observed.set(name, readers);
    new Gauge({
      name,
      help,
      labelNames: Object.keys(labels),
      registers: [this.registry],
      collect() {
        for (const reader of readers) this.set(reader.labels, reader.read());
      },
    });
  }
}

/** What is served as `/metrics`. */
export type Exposition = { contentType: string; text(): Promise<string> };

export const expositionOf = ({ registry }: Metrics): Exposition => ({
  contentType: registry.contentType,
  text: () => registry.metrics(),
});
