/** What the operations on administrators' keys and accepted certificates work with. */
import type { Clock } from '../clock.ts'
import type { Identities } from '../iam/identities.ts'
import type { Access } from '../iam/roles.ts'
import type { AcceptedCertificates } from './anchors.ts'
import type { CertificateStore } from './store.ts'

export interface CertificateParts {
  readonly access: Pick<Access, 'requireInstance' | 'mayReadTracker'>
  readonly identities: Pick<Identities, 'find'>
  readonly clock: Pick<Clock, 'now'>
  readonly certificates: CertificateStore
  readonly accepted: (instance: string) => AcceptedCertificates
  /** Counts a changing command. False when the caller has sent as many as it may. */
  readonly mayCommand: (caller: string) => boolean
  /** Told once a change of the certificates that an instance accepts is durable. */
  readonly changed: (instance: string) => void
}
