/** Metrics of the certificates that clients are issued by. No ids in labels. */
import type { Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import { addGauge } from '../gauge.ts'
import type { Reader } from '../store/store.ts'

const counted = `SELECT count(*) AS certificates, count(DISTINCT instance) AS instances, min(not_after) AS firstEnd
  FROM accepted_certificates`

interface Counted {
  readonly certificates: number
  readonly instances: number
  /** Null without any. */
  readonly firstEnd: number | null
}

export function registerCertificateMetrics(registry: Registry, reader: Reader, clock: Pick<Clock, 'now'>): void {
  const gauge = (name: string, help: string, read: (now: Counted) => number): void =>
    addGauge(registry, name, help, () => read(reader.get<Counted>(counted) ?? none))
  gauge(
    'client_certificates',
    'Certificates that clients of EP11 may be issued by, of all instances.',
    ({ certificates }) => certificates,
  )
  gauge('client_certificate_instances', 'Instances whose clients need a certificate.', ({ instances }) => instances)
  gauge(
    'client_certificate_end_seconds',
    'Seconds until the first of these certificates ends, negative once it has ended; infinite without any.',
    ({ firstEnd }) => (firstEnd === null ? Infinity : (firstEnd - clock.now()) / 1_000),
  )
}

const none: Counted = { certificates: 0, instances: 0, firstEnd: null }
