/** Metrics in Prometheus' form, on the private listener only; labels hold no ids. */
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { RequestObserver } from './listener.ts'

export interface Metrics extends RequestObserver {
  /** For other parts to register theirs. */
  readonly registry: Registry
  /** Counts failed authentications, recorded as an event or only counted. */
  authenticationFailed(isRecorded: boolean): void
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'keywitness_' })
  const requests = new Histogram({
    name: 'keywitness_http_request_seconds',
    help: 'Time from the request to its answer, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  })
  const failures = new Counter({
    name: 'keywitness_authentication_failures_total',
    help: 'Failed authentications: recorded as events of their own, or counted by flood control.',
    labelNames: ['kept'],
    registers: [registry],
  })
  return {
    registry,
    answered: (method, route, status, milliseconds) =>
      requests.observe({ method: knownMethods.has(method) ? method : 'other', route, status }, milliseconds / 1_000),
    authenticationFailed: (isRecorded) => failures.inc({ kept: isRecorded ? 'event' : 'count' }),
  }
}

/** Whoever sends a request chooses its method: only these become label values. */
const knownMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** @throws Error on a public listener: what it tells is for operators. */
export function addMetricsRoute(app: FastifyInstance, registry: Registry): void {
  if (!app.isPrivate) throw new Error('/metrics belongs on the private listener only')
  app.get(
    '/metrics',
    { schema: { tags: ['operations'], summary: 'Metrics in Prometheus text format', security: [] } },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  )
}
