/** The certificates that clients of EP11 are issued by, of a server: what its operations work with, what falls due, and who is told of changes. */
import type { Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import type { Access } from '../iam/roles.ts'
import { Rates } from '../listening/rates.ts'
import type { Reader } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'
import { type AcceptedCertificates, acceptedCertificates } from './anchors.ts'
import { endingJob, type EndingParts } from './ending.ts'
import { certificateLimits } from './limits.ts'
import { registerCertificateMetrics } from './metrics.ts'
import type { CertificateParts } from './parts.ts'
import { certificateStore } from './store.ts'

export interface CertificateComposition extends Pick<EndingParts, 'instances' | 'audit' | 'serviceName'> {
  readonly reader: Reader
  readonly access: Pick<Access, 'requireInstance'>
  readonly clock: Clock
  readonly registry: Registry
}

export interface OpenCertificates {
  readonly parts: CertificateParts
  /** What the clients of an instance must be issued by. */
  readonly accepted: (instance: string) => AcceptedCertificates
  readonly jobs: readonly TimerJob[]
  /** From now on `told` hears of each instance whose accepted certificates have changed, once that is durable. */
  whenChanged(told: (instance: string) => void): void
}

export function openCertificates(composition: CertificateComposition): OpenCertificates {
  const { reader, access, clock } = composition
  const accepted = acceptedCertificates(reader)
  const certificates = certificateStore(reader)
  const listeners: ((instance: string) => void)[] = []
  const { commandsPerMinute: burst, callers: sources } = certificateLimits
  const rates = new Rates({ perSecond: burst / 60, burst, tellMs: 0, sources }, () => clock.monotonic())
  registerCertificateMetrics(composition.registry, reader, clock)
  return {
    accepted,
    jobs: [endingJob({ ...composition, certificates, accepted })],
    whenChanged: (told) => void listeners.push(told),
    parts: {
      access,
      clock,
      certificates,
      accepted,
      mayCommand: (caller) => rates.take(caller) === 'taken',
      changed: (instance) => {
        for (const told of listeners) told(instance)
      },
    },
  }
}
