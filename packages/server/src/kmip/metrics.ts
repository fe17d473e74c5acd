/** Metrics of the KMIP listener: open connections, handshakes that failed, connections that were refused. No ids in labels. */
import { Counter, type Registry } from 'prom-client'
import { addGauge } from '../gauge.ts'

/**
 * Why a handshake came to nothing:
 * - `left`: the peer closed first, as health probes do
 * - `late`: it was not done in time, or gave way to newer ones
 * - `protocol`: no version or cipher suite in common, or no TLS at all
 * - `no_certificate`: it was done, and nobody can be known by it
 */
export type HandshakeFailure = 'left' | 'late' | 'protocol' | 'no_certificate'

/** Which bound a connection was refused by. */
export type ConnectionBound = 'connections' | 'address' | 'address_rate' | 'certificate'

export interface KmipMetrics {
  /** Tells how many connections are open now, whenever that is asked. */
  countConnections(count: () => number): void
  handshakeFailed(reason: HandshakeFailure): void
  connectionRefused(bound: ConnectionBound): void
}

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
