/** Metrics of EP11: its calls by method and status, and its connections. No ids in labels. */
import { Counter, Histogram, type Registry } from 'prom-client'
import { addGauge } from '../gauge.ts'
import type { AcceptMetrics } from '../listening/accept.ts'
import { grpcStatuses } from './return-statuses.ts'

/**
 * What a call was ended by, without an event of its own: a bound of the listener (`slow`: its message came so slowly
 * that others were let in before it), `deadline` for the time that its client
 * gave, `protocol` for what is no call of gRPC.
 */
export type CallBound = 'metadata' | 'calls' | 'time' | 'slow' | 'bytes' | 'deadline' | 'protocol'

export interface BoundMetrics {
  ended(bound: CallBound): void
}

/** Of the calls that were answered. */
export interface CallMetrics extends BoundMetrics {
  /**
   * @param method undefined for one that does not exist
   * @param code status code of gRPC
   */
  answered(method: string | undefined, code: number, milliseconds: number): void
}

const names = new Map<number, string>(Object.entries(grpcStatuses).map(([name, code]) => [code, name]))

export function callMetrics(registry: Registry): CallMetrics {
  const seconds = new Histogram({
    name: 'keywitness_ep11_call_seconds',
    help: 'Time from the headers of a call of EP11 to its answer, by method; `unknown` does not exist.',
    labelNames: ['method'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const calls = new Counter({
    name: 'keywitness_ep11_calls_total',
    help: 'Calls of EP11 that were answered, by method and by status of gRPC.',
    labelNames: ['method', 'status'],
    registers: [registry],
  })
  const ended = new Counter({
    name: 'keywitness_ep11_calls_ended_total',
    help: 'Calls of EP11 that ended without an event of their own, by what ended them: a bound of the listener, the deadline of the client, or that they are no gRPC.',
    labelNames: ['bound'],
    registers: [registry],
  })
  return {
    ended: (bound) => ended.inc({ bound }),
    answered(method = 'unknown', code, milliseconds) {
      seconds.observe({ method }, milliseconds / 1_000)
      calls.inc({ method, status: names.get(code) ?? 'UNKNOWN' })
    },
  }
}

/** Which network a listener of EP11 is on. */
export type Ep11Network = 'public' | 'private'

/** Of the listeners, both under the same names. */
export function listenerMetrics(registry: Registry): (network: Ep11Network) => AcceptMetrics {
  const failures = new Counter({
    name: 'keywitness_ep11_handshakes_failed_total',
    help: 'Handshakes of EP11 that came to nothing, by reason.',
    labelNames: ['reason'],
    registers: [registry],
  })
  const refusals = new Counter({
    name: 'keywitness_ep11_connections_refused_total',
    help: 'Connections of EP11 that were closed at once, by the bound that was reached.',
    labelNames: ['bound'],
    registers: [registry],
  })
  const counts = new Map<Ep11Network, () => number>()
  const total = (): number => [...counts.values()].reduce((sum, count) => sum + count(), 0)
  addGauge(registry, 'ep11_connections', 'Open connections of EP11, handshakes under way included.', total)
  return (network) => ({
    countConnections: (count) => void counts.set(network, count),
    handshakeFailed: (reason) => failures.inc({ reason }),
    connectionRefused: (bound) => refusals.inc({ bound }),
  })
}
