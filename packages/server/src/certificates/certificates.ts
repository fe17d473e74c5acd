/** The certificates that clients of EP11 are issued by, of a server: what its operations work with, what falls due, and who is told of changes. */
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Clock } from '../clock.ts'
import type { InstanceRouteParts } from '../http/instance-route.ts'
import { readIdentities } from '../iam/identities.ts'
import { Rates } from '../listening/rates.ts'
import type { Reader } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'
import { type AcceptedCertificates, acceptedCertificates } from './anchors.ts'
import { endingJob, type EndingParts } from './ending.ts'
import { certificateLimits } from './limits.ts'
import { registerCertificateMetrics } from './metrics.ts'
import type { CertificateParts } from './parts.ts'
import { openRecoveries, type RecoveryComposition } from './recovery/recovery.ts'
import { addCertificateRoutes } from './routes.ts'
import { certificateStore } from './store.ts'

export interface CertificateComposition
  extends
    Pick<EndingParts, 'instances' | 'audit' | 'serviceName'>,
    Omit<RecoveryComposition, 'certificates' | 'access'> {
  readonly access: RecoveryComposition['access'] & CertificateParts['access']
  readonly reader: Reader
  readonly clock: Clock
  readonly registry: Registry
}

export interface OpenCertificates {
  readonly parts: CertificateParts
  /** What the clients of an instance must be issued by. */
  readonly accepted: (instance: string) => AcceptedCertificates
  readonly jobs: readonly TimerJob[]
  addRoutes(app: FastifyInstance, http: InstanceRouteParts): void
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
  const parts: CertificateParts = {
    access,
    identities: readIdentities(reader),
    clock,
    certificates,
    accepted,
    mayCommand: (caller) => rates.take(caller) === 'taken',
    changed: (instance) => {
      for (const told of listeners) told(instance)
    },
  }
  const recoveries = openRecoveries({ ...composition, certificates: parts })
  return {
    accepted,
    jobs: [endingJob({ ...composition, certificates, accepted }), ...recoveries.jobs],
    addRoutes: (app, http) => {
      addCertificateRoutes(app, http, parts)
      recoveries.addRoutes(app, http)
    },
    whenChanged: (told) => void listeners.push(told),
    parts,
  }
}
