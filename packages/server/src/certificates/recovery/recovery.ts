/** Recoveries of a server, put together: their routes, and their work that falls due. */
import type { FastifyInstance } from 'fastify'
import type { Audit } from '../../audit.ts'
import type { InstanceRouteParts } from '../../http/instance-route.ts'
import type { RandomBytes } from '../../iam/secret.ts'
import type { Instances } from '../../instances/instances.ts'
import type { Reader } from '../../store/store.ts'
import type { TimerJob } from '../../timers/timers.ts'
import type { CertificateParts } from '../parts.ts'
import { recoveryJobs } from './jobs.ts'
import type { RecoveryParts } from './parts.ts'
import { readRecoveries } from './recoveries.ts'
import { addRecoveryRoutes } from './routes.ts'

export interface RecoveryComposition {
  readonly reader: Reader
  readonly certificates: CertificateParts
  readonly access: RecoveryParts['access']
  readonly audit: Pick<Audit, 'witnessAll'>
  readonly instances: Pick<Instances, 'find'>
  readonly random: RandomBytes
  readonly serviceName: string
  /** From an approval until it is performed. */
  readonly recoveryHours: number
}

export interface OpenRecoveries {
  readonly jobs: readonly TimerJob[]
  addRoutes(app: FastifyInstance, http: InstanceRouteParts): void
}

export function openRecoveries(given: RecoveryComposition): OpenRecoveries {
  const { reader, certificates, access, random, recoveryHours } = given
  const shared = { ...certificates, access, random, recoveries: readRecoveries(reader) }
  const own = { waitMs: recoveryHours * 3_600_000 }
  return {
    jobs: recoveryJobs({ ...given, ...shared }),
    addRoutes: (app, http) => addRecoveryRoutes(app, http, { ...shared, ...own, standing: http.door.standing }),
  }
}
