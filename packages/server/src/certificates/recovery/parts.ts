/** What the steps of a recovery work with. */
import type { ReadStanding } from '../../http/standing.ts'
import type { Access } from '../../iam/roles.ts'
import type { RandomBytes } from '../../iam/secret.ts'
import type { CertificateParts } from '../parts.ts'
import type { Recoveries } from './recoveries.ts'

export interface RecoveryParts extends Pick<
  CertificateParts,
  'certificates' | 'accepted' | 'changed' | 'clock' | 'identities'
> {
  readonly access: Pick<Access, 'requireAccount' | 'requireInstance' | 'mayOnAccount'>
  readonly recoveries: Recoveries
  readonly standing: ReadStanding
  readonly random: RandomBytes
  /** From the approval until it is performed, milliseconds. */
  readonly waitMs: number
}
