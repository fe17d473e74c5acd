/** Keys as the API shows them (reference section 6.1), and the envelopes they come in. */
import { type Instance, resourceCrn } from '../instances/instance.ts'
import { keyMediaType } from './body.ts'
import { formatDate } from './date.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyLimits } from './limits.ts'
import { DESTROYED, stateAt } from './states.ts'
import type { VersionRow } from './store.ts'

/** A key resource: never the material of a root key, and no `payload` unless one is handed in. */
export interface KeyResource {
  readonly [member: string]: unknown
}

interface Shown {
  readonly instance: Instance
  readonly now: number
  readonly limits: KeyLimits
}

/** The whole resource. What depends on the time (state, `restoreAllowed`, `purgeAllowed`) is told as of `now`. */
export function keyResource(key: KeyRow, shown: Shown): KeyResource {
  const tags = JSON.parse(key.tags) as string[]
  return {
    type: keyMediaType,
    id: key.id,
    name: key.name,
    ...(key.description === null ? {} : { description: key.description }),
    ...(tags.length === 0 ? {} : { tags }),
    state: stateAt(key, shown.now),
    ...(key.expiresAt === null ? {} : { expirationDate: formatDate(key.expiresAt) }),
    extractable: key.extractable === 1,
    crn: resourceCrn(shown.instance, 'key', key.id),
    imported: key.imported === 1,
    keyRingID: key.ring,
    creationDate: formatDate(key.createdAt),
    createdBy: key.createdBy,
    algorithmType: 'AES',
    algorithmMetadata: { bitLength: String(key.bits), mode: 'CBC_PAD' },
    algorithmBitSize: key.bits,
    algorithmMode: 'CBC_PAD',
    ...(key.updatedAt === null ? {} : { lastUpdateDate: formatDate(key.updatedAt) }),
    ...(key.rotatedAt === null ? {} : { lastRotateDate: formatDate(key.rotatedAt) }),
    ...(key.extractable === 1 ? {} : { keyVersion: { id: key.newest, creationDate: formatDate(key.newestAt) } }),
    dualAuthDelete: { enabled: false },
    deleted: key.state === DESTROYED,
    ...deletion(key, shown),
  }
}

/** What `Prefer: return=minimal` asks for: enough to know the key again. */
export function minimalKeyResource(key: KeyRow, shown: Shown): KeyResource {
  return {
    type: keyMediaType,
    id: key.id,
    name: key.name,
    ...(key.description === null ? {} : { description: key.description }),
    state: stateAt(key, shown.now),
    ...(key.expiresAt === null ? {} : { expirationDate: formatDate(key.expiresAt) }),
    extractable: key.extractable === 1,
    crn: resourceCrn(shown.instance, 'key', key.id),
    imported: key.imported === 1,
    deleted: key.state === DESTROYED,
  }
}

function deletion(key: KeyRow, { now, limits }: Shown): object {
  if (key.deletedAt === null) return {}
  const restoreUntil = key.deletedAt + limits.restoreForMs
  const purgeFrom = key.deletedAt + limits.purgeAfterMs
  const isExpired = key.expiresAt !== null && key.expiresAt <= now
  return {
    deletionDate: formatDate(key.deletedAt),
    ...(key.deletedBy === null ? {} : { deletedBy: key.deletedBy }),
    restoreAllowed: now <= restoreUntil && !isExpired,
    restoreExpirationDate: formatDate(restoreUntil),
    purgeAllowed: now >= purgeFrom,
    purgeAllowedFrom: formatDate(purgeFrom),
    purgeScheduledOn: formatDate(key.deletedAt + limits.purgeScheduledAfterMs),
  }
}

export interface Envelope {
  readonly metadata: { readonly collectionType: string; readonly collectionTotal: number; readonly totalCount?: number }
  readonly resources: readonly object[]
}

export function keyEnvelope(keys: readonly KeyResource[]): Envelope {
  return { metadata: { collectionType: keyMediaType, collectionTotal: keys.length }, resources: keys }
}

/** `total`: all there are, when the request asked for it. */
export function versionEnvelope(versions: readonly VersionRow[], total: number | undefined): Envelope {
  return {
    metadata: {
      collectionType: 'application/vnd.ibm.kms.key.version+json',
      collectionTotal: versions.length,
      ...(total === undefined ? {} : { totalCount: total }),
    },
    resources: versions.map((version) => ({ id: version.id, creationDate: formatDate(version.createdAt) })),
  }
}
