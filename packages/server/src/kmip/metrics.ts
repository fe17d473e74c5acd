/** Metrics of KMIP: its connections, and what is asked over them and how it ends. No ids in labels. */
import { Counter, Histogram, type Registry } from 'prom-client'
import { addGauge } from '../gauge.ts'
import type { AcceptMetrics } from '../listening/accept.ts'
import type { ResponseItem } from './message/response.ts'
import { enumerationName } from './ttlv/enumerations.ts'

/** Of the service behind the listener. */
export interface MessageMetrics {
  /** A message was answered so, this long after the last byte of it was there. */
  answered(items: readonly Pick<ResponseItem, 'operation' | 'status' | 'reason'>[], milliseconds: number): void
}

export function messageMetrics(registry: Registry): MessageMetrics {
  const messages = new Histogram({
    name: 'keywitness_kmip_request_seconds',
    help: 'Time from a message of KMIP to its answer, by operation; `batch` has several, `none` could not be read.',
    labelNames: ['operation'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  })
  const items = new Counter({
    name: 'keywitness_kmip_items_total',
    help: 'Items of KMIP messages that were answered, by operation and by how they ended: `Success`, or the result reason.',
    labelNames: ['operation', 'result'],
    registers: [registry],
  })
  return {
    answered(answered, milliseconds) {
      const [first, ...more] = answered
      const operation = more.length > 0 ? 'batch' : operationLabel(first?.operation)
      messages.observe({ operation }, milliseconds / 1_000)
      for (const item of answered) {
        const result = item.status === 'OperationFailed' ? (item.reason ?? 'GeneralFailure') : item.status
        items.inc({ operation: operationLabel(item.operation), result })
      }
    },
  }
}

/** Whoever sends a message chooses its number: only those of the standard become label values. */
function operationLabel(operation: number | undefined): string {
  return operation === undefined ? 'none' : (enumerationName('Operation', operation) ?? 'other')
}

/** Of the listener in front of it. */
export type KmipMetrics = AcceptMetrics

export function kmipMetrics(registry: Registry): KmipMetrics {
  const failures = new Counter({
    name: 'keywitness_kmip_handshakes_failed_total',
    help: 'Handshakes of KMIP that came to nothing, by reason.',
    labelNames: ['reason'],
    registers: [registry],
  })
  const refusals = new Counter({
    name: 'keywitness_kmip_connections_refused_total',
    help: 'Connections of KMIP that were closed at once, by the bound that was reached.',
    labelNames: ['bound'],
    registers: [registry],
  })
  return {
    countConnections: (count) =>
      addGauge(registry, 'kmip_connections', 'Open connections of KMIP, handshakes under way included.', count),
    handshakeFailed: (reason) => failures.inc({ reason }),
    connectionRefused: (bound) => refusals.inc({ bound }),
  }
}
