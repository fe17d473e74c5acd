/** What a recovery removes, as things are now: the key it is about and, if it says so, the administrator's certificates. */
import type { Change, Condition } from '../../store/store.ts'
import type { CertificateParts } from '../parts.ts'
import type { AcceptedCertificateRow, AdminKeyRow } from '../rows.ts'
import { keyInForce, noKey, removeCertificate, removeKey } from '../store.ts'
import type { Recovery } from './recoveries.ts'

export interface Removal {
  /** False: the administrator has another key than the one it is about, or nothing of what it would remove. */
  readonly isOfNow: boolean
  readonly key: AdminKeyRow | undefined
  readonly certificates: readonly AcceptedCertificateRow[]
  /** Certificates that stay with the administrator. */
  readonly left: number
  /** Certificates of the whole instance, and the number of its state. */
  readonly total: number
  readonly generation: number
  readonly changes: readonly Change[]
  /** That all this is so at commit. */
  readonly conditions: readonly Condition[]
}

export function removalOf(
  { instance, administrator, removes, keyId }: Pick<Recovery, 'instance' | 'administrator' | 'removes' | 'keyId'>,
  parts: Pick<CertificateParts, 'certificates' | 'accepted'>,
): Removal {
  const { generation, condition } = parts.accepted(instance)
  const key = parts.certificates.key(instance, administrator)
  const own = parts.certificates.certificates(instance, administrator)
  const certificates = removes === 'admin-key' ? [] : own
  return {
    isOfNow: (key?.keyId ?? null) === keyId && (key !== undefined || certificates.length > 0),
    key,
    certificates,
    left: own.length - certificates.length,
    total: parts.certificates.count(instance),
    generation,
    changes: [...(key === undefined ? [] : [removeKey(key)]), ...certificates.map(removeCertificate)],
    conditions: [condition, key === undefined ? noKey(instance, administrator) : keyInForce(key)],
  }
}
