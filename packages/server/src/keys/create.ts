/** `secrets.create`: a new root or standard key, made by the crypto unit or imported as plain material. */
import { uuidv7 } from '@keywitness/cadf'
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { BlobName } from '../units/unit-client.ts'
import { noteSentRing } from './admit.ts'
import { toBase64 } from './base64.ts'
import { addKey } from './changes.ts'
import { formatDate } from './date.ts'
import type { KeyRow } from './key-row.ts'
import { keyLimits } from './limits.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { badField, fromUnit, quotaReached } from './refusals.ts'
import { defaultRing } from './ring.ts'
import { ACTIVE } from './states.ts'

/** Material given by a caller. */
export interface Material {
  /** Zeroed once the unit has it. */
  readonly bytes: Uint8Array
  /** The same as it came, base64. */
  readonly text: string
}

export interface CreateWish {
  readonly name: string
  readonly description: string | undefined
  readonly tags: readonly string[]
  /** True: a standard key, whose payload may leave. False: a root key. */
  readonly extractable: boolean
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined
  /** Undefined: the unit makes it. */
  readonly material: Material | undefined
}

export interface Created {
  readonly key: KeyRow
  /** Base64; of a standard key, when it was asked for. */
  readonly payload?: string
}

export function createKey(
  call: KeyCall,
  wish: () => CreateWish,
  wantsPayload: boolean,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.create', Created> {
  return async (seen) => {
    const { instance } = call
    const ring = call.keyRing ?? defaultRing
    noteSentRing(call, seen)
    parts.access.requireInstance(call.caller, instance, 'keys.create', ring)
    const wanted = wish()
    seen.target = { id: instance.crn, name: wanted.name }
    seen.request.keyType = wanted.extractable ? 'standard' : 'root'
    const now = parts.clock.now()
    check(instance.guid, ring, wanted, now, parts)

    const key = newKey(call, ring, wanted, now, uuidv7(now, parts.random(10)))
    const name: BlobName = {
      instance: key.instance,
      kind: wanted.extractable ? 'standard-key' : 'root-key',
      id: key.id,
    }
    const blob = await fromUnit(
      wanted.material === undefined
        ? parts.unit.generate(name, keyLimits.generatedBytes)
        : parts.unit.importMaterial(name, wanted.material.bytes),
    )
    seen.target = { id: resourceCrn(instance, 'key', key.id), name: key.name }
    seen.response.keyId = key.id
    seen.response.keyState = key.state
    seen.response.keyRingId = key.ring
    if (!wanted.extractable) {
      seen.response.keyVersionId = key.newest
      seen.response.keyVersionCreationDate = formatDate(key.newestAt)
    }
    if (key.expiresAt !== null) seen.response.expirationDate = formatDate(key.expiresAt)
    const changes = addKey(key, { id: key.newest, number: 1, createdAt: now, blob }, parts.limits.keysPerInstance)
    if (!wantsPayload || !wanted.extractable) return { result: { key }, code: 201, changes }
    const payload = wanted.material?.text ?? toBase64(await fromUnit(parts.unit.exportMaterial({ ...name, blob })))
    return { result: { key, payload }, code: 201, changes }
  }
}

function check(instance: string, ring: string, wanted: CreateWish, now: number, parts: KeyParts): void {
  if (!parts.keys.hasRing(instance, ring)) throw new Refusal('NOT_FOUND', { message: 'There is no such key ring.' })
  if (wanted.expiresAt !== undefined && wanted.expiresAt <= now) {
    throw badField('expirationDate', 'The expiration date must lie in the future.')
  }
  if (parts.keys.total(instance) >= parts.limits.keysPerInstance) {
    throw quotaReached('The instance holds as many keys as it may.')
  }
}

/** The first version of a root key has the key's own id, as in the published samples. */
function newKey(call: KeyCall, ring: string, wanted: CreateWish, now: number, id: string): KeyRow {
  return {
    instance: call.instance.guid,
    id,
    revision: 1,
    name: wanted.name,
    description: wanted.description ?? null,
    tags: JSON.stringify(wanted.tags),
    ring,
    state: ACTIVE,
    extractable: wanted.extractable ? 1 : 0,
    imported: wanted.material === undefined ? 0 : 1,
    bits: 8 * (wanted.material?.bytes.length ?? keyLimits.generatedBytes),
    versions: 1,
    newest: id,
    newestAt: now,
    createdAt: now,
    createdBy: call.caller.id,
    updatedAt: null,
    rotatedAt: null,
    expiresAt: wanted.expiresAt ?? null,
    deletedAt: null,
    deletedBy: null,
  }
}
