/** Metrics of the outbound queue: what waits, what was given up, how attempts end. No ids in labels. */
import { Counter, type Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import { addGauge } from '../gauge.ts'
import type { Outcome } from './attempt.ts'
import type { Messages } from './messages.ts'

export interface QueueMetrics {
  /** Counts one attempt by its end. */
  attempted(outcome: Outcome): void
}

/** Gauges are read from the queue when the metrics are asked for. */
export function queueMetrics(registry: Registry, messages: Messages, clock: Pick<Clock, 'now'>): QueueMetrics {
  const gauge = (name: string, help: string, read: () => number): void =>
    addGauge(registry, `outbound_${name}`, help, read)
  gauge('waiting_messages', 'Messages to adopting services and channels that wait to be delivered.', () =>
    messages.total('waiting'),
  )
  gauge('dead_letters', 'Messages given up and still kept.', () => messages.total('dead'))
  gauge('oldest_waiting_seconds', 'Age of the oldest message that waits; 0 when none does.', () => {
    const oldest = messages.oldestWaiting()
    return oldest === undefined ? 0 : Math.max(0, clock.now() - oldest) / 1_000
  })
  const attempts = new Counter({
    name: 'keywitness_outbound_attempts_total',
    help: 'Attempts to deliver a message, by outcome: delivered, or the problem.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // From the start, so that the first failure is seen as an increase.
  attempts.inc({ outcome: 'delivered' }, 0)
  return { attempted: (outcome) => attempts.inc({ outcome: labelOf(outcome) }) }
}

/** Receivers choose their status: only its class becomes a label value. */
function labelOf(outcome: Outcome): string {
  if (outcome.delivered) return 'delivered'
  const [, kind, status] = /^(STATUS|SMTP)_(\d+)$/.exec(outcome.problem) ?? []
  if (kind === undefined || status === undefined) return outcome.problem
  return /^[1-5]\d\d$/.test(status) ? `${kind}_${status[0]}xx` : `${kind}_other`
}
