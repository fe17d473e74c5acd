/** Keys as the API shows them (reference section 6.1), and the envelopes they come in. */
import { type Instance, resourceCrn } from '../instances/instance.ts'
import type { Alias } from './alias.ts'
import { keyMediaType } from './body.ts'
import { formatDate } from './date.ts'
import { authorisationAt } from './dual-authorisation.ts'
import type { KeyRow } from './key-row.ts'
import type { KeyLimits } from './limits.ts'
import type { KeySearched } from './list.ts'
import type { ListedRing } from './list-rings.ts'
import { DEACTIVATED, DESTROYED, stateAt } from './states.ts'
import type { VersionRow } from './store.ts'

/** A key resource: never the material of a root key, and no `payload` unless one is handed in. */
export interface KeyResource {
  readonly [member: string]: unknown
}

export interface Shown {
  readonly instance: Instance
  readonly now: number
  readonly limits: KeyLimits
  /** Aliases of a key, by its id. */
  readonly aliases: ReadonlyMap<string, readonly string[]>
  /** Whether two people must agree to the key's deletion. */
  readonly needsTwo: (key: KeyRow) => boolean
}

/** Sizes of AES keys. What else a standard key holds is told as 256, as of one that is generated. */
const aesBits: ReadonlySet<number> = new Set([128, 192, 256])

/** The whole resource. What depends on the time (state, `restoreAllowed`, `purgeAllowed`) is told as of `now`. */
export function keyResource(key: KeyRow, shown: Shown): KeyResource {
  const tags = JSON.parse(key.tags) as string[]
  const aliases = shown.aliases.get(key.id) ?? []
  const bits = aesBits.has(key.bits) ? key.bits : 256
  return {
    type: keyMediaType,
    id: key.id,
    name: key.name,
    ...(aliases.length === 0 ? {} : { aliases }),
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
    algorithmMetadata: { bitLength: String(bits), mode: 'CBC_PAD' },
    algorithmBitSize: bits,
    algorithmMode: 'CBC_PAD',
    ...(key.updatedAt === null ? {} : { lastUpdateDate: formatDate(key.updatedAt) }),
    ...(key.rotatedAt === null ? {} : { lastRotateDate: formatDate(key.rotatedAt) }),
    ...(key.extractable === 1 ? {} : { keyVersion: { id: key.newest, creationDate: formatDate(key.newestAt) } }),
    dualAuthDelete: dualAuthDelete(key, shown),
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

function dualAuthDelete(key: KeyRow, shown: Shown): object {
  if (!shown.needsTwo(key)) return { enabled: false }
  const authorisation = authorisationAt(key, shown.now)
  if (authorisation === undefined) return { enabled: true, keySetForDeletion: false }
  return { enabled: true, keySetForDeletion: true, authExpiration: formatDate(authorisation.until) }
}

function deletion(key: KeyRow, { now, limits }: Shown): object {
  if (key.deletedAt === null) return {}
  const restoreUntil = key.deletedAt + limits.restoreForMs
  const purgeFrom = key.deletedAt + limits.purgeAfterMs
  const isExpired = key.expiresAt !== null && key.expiresAt <= now
  return {
    deletionDate: formatDate(key.deletedAt),
    ...(key.deletedBy === null ? {} : { deletedBy: key.deletedBy }),
    restoreAllowed: now <= restoreUntil && !isExpired && key.deletedFrom !== DEACTIVATED,
    restoreExpirationDate: formatDate(restoreUntil),
    purgeAllowed: now >= purgeFrom,
    purgeAllowedFrom: formatDate(purgeFrom),
    purgeScheduledOn: formatDate(key.deletedAt + limits.purgeScheduledAfterMs),
  }
}

export interface Envelope {
  readonly metadata: {
    readonly collectionType: string
    readonly collectionTotal: number
    readonly totalCount?: number
  }
  readonly resources: readonly object[]
}

export function keyEnvelope(keys: readonly KeyResource[]): Envelope {
  return envelope('key', keys)
}

/** The envelope around keys that were printed slice by slice, their members separated by commas. */
export function printedEnvelope(slices: readonly string[], count: number, search: KeySearched | undefined): string {
  const { metadata } = envelope('key', [])
  const head = JSON.stringify({ ...metadata, collectionTotal: count, ...searchMetadata(search) })
  return `{"metadata":${head},"resources":[${slices.filter((slice) => slice !== '').join()}]}`
}

/** What the metadata of a list say of the search for it. */
export function searchMetadata(search: KeySearched | undefined): object {
  if (search === undefined) return {}
  const { query, scopes, not, exact, isIncomplete } = search
  return { ...(isIncomplete ? { incompleteSearch: true } : {}), searchQuery: { query, scopes, not, exact } }
}

/** `total`: all there are, when the request asked for it. */
export function versionEnvelope(versions: readonly VersionRow[], total: number | undefined): Envelope {
  return envelope(
    'key.version',
    versions.map((version) => ({ id: version.id, creationDate: formatDate(version.createdAt) })),
    total,
  )
}

export function aliasEnvelope(alias: Alias): Envelope {
  const { key, alias: name, createdBy, createdAt } = alias
  return envelope('alias', [{ keyId: key, alias: name, createdBy, creationDate: formatDate(createdAt) }])
}

/** `total`: all there are, when the request asked for it. */
export function ringEnvelope(rings: readonly ListedRing[], total: number | undefined): Envelope {
  return envelope(
    'key_ring',
    rings.map(({ id, createdAt, createdBy }) => ({
      id,
      ...(createdAt === undefined ? {} : { creationDate: formatDate(createdAt) }),
      ...(createdBy === undefined ? {} : { createdBy }),
    })),
    total,
  )
}

function envelope(type: string, resources: readonly object[], total?: number): Envelope {
  return {
    metadata: {
      collectionType: `application/vnd.ibm.kms.${type}+json`,
      collectionTotal: resources.length,
      ...(total === undefined ? {} : { totalCount: total }),
    },
    resources,
  }
}
