/** `secrets.create`: a new root or standard key, made by the crypto unit or imported, plainly or by an import token. */
import { uuidv7 } from '@keywitness/cadf'
import type { Operation, Seen } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { SecurePayload } from '../import-token/secure-import.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { NewKeyPolicies, PolicyOverrides } from '../policies/in-force.ts'
import type { KeyPolicyKind } from '../policies/key-policy.ts'
import type { Condition } from '../store/store.ts'
import type { BlobName } from '../units/unit-client.ts'
import { noteSentRing } from './admit.ts'
import { addAlias, type Alias } from './alias.ts'
import { toBase64 } from './base64.ts'
import { addKey } from './changes.ts'
import { requireFree } from './create-alias.ts'
import { formatDate } from './date.ts'
import type { KeyRow } from './key-row.ts'
import { keyLimits } from './limits.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { badField, fromUnit, quotaReached } from './refusals.ts'
import { defaultRing, ringStands } from './ring.ts'
import { ACTIVE } from './states.ts'
import { rotationDueDate } from './rotation-due.ts'

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
  /** Material under the import token, in place of plain material. */
  readonly secure: SecurePayload | undefined
  readonly aliases: readonly string[]
  /** In place of the instance's policies for new keys; a policy that is not among them does not apply at all. */
  readonly overrides: PolicyOverrides | undefined
  /** Policies that the caller takes for granted: a key without them is not made. */
  readonly expected?: readonly KeyPolicyKind[]
}

export interface Created {
  readonly key: KeyRow
  /** Base64; of a standard key, when it was asked for. */
  readonly payload?: string
  readonly aliases: readonly string[]
  readonly policies: Pick<NewKeyPolicies, 'rotation' | 'dualAuthDelete'>
}

export function createKey(
  call: KeyCall,
  wish: () => CreateWish,
  wantsPayload: boolean,
  parts: KeyParts,
  permission: 'keys.create' | 'keys.create-with-overrides' = 'keys.create',
): Operation<'hs-crypto.secrets.create', Created> {
  return async (seen) => {
    const { instance } = call
    const ring = call.keyRing ?? defaultRing
    noteSentRing(call, seen)
    parts.access.requireInstance(call.caller, instance, permission, ring)
    const wanted = wish()
    seen.target = { id: instance.crn, name: wanted.name }
    seen.request.keyType = wanted.extractable ? 'standard' : 'root'
    if (wanted.overrides !== undefined) noteOverrides(wanted.overrides, seen.request)
    const now = parts.clock.now()
    const conditions = check(instance.guid, ring, wanted, now, parts)
    const id = uuidv7(now, parts.random(10))
    requireFree(instance.guid, wanted.aliases, id, parts)
    const policies = policiesFor(call, id, wanted, now, parts)

    const given = await materialOf(instance.guid, wanted, now, parts)
    const key = newKey(call, ring, wanted, now, id, given?.bytes.length ?? keyLimits.generatedBytes)
    const name: BlobName = {
      instance: key.instance,
      kind: wanted.extractable ? 'standard-key' : 'root-key',
      id: key.id,
    }
    const blob = await fromUnit(
      given === undefined
        ? parts.unit.generate(name, keyLimits.generatedBytes)
        : parts.unit.importMaterial(name, given.bytes),
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
    seen.response.rotationDueDate = rotationDueDate(policies.rotation, key, now)
    const done = {
      code: 201,
      changes: [
        ...addKey(key, { id: key.newest, number: 1, createdAt: now, blob }, parts.limits.keysPerInstance),
        ...wanted.aliases.map((alias) => addAlias(aliasOf(key, alias), parts.limits)),
        ...policies.changes,
      ],
      conditions: [...conditions, ...policies.conditions, ...(given?.conditions ?? [])],
    }
    const result = { key, aliases: wanted.aliases, policies }
    if (!wantsPayload || !wanted.extractable) return { result, ...done }
    const payload = wanted.material?.text ?? toBase64(await fromUnit(parts.unit.exportMaterial({ ...name, blob })))
    return { result: { ...result, payload }, ...done }
  }
}

function check(instance: string, ring: string, wanted: CreateWish, now: number, parts: KeyParts): readonly Condition[] {
  if (!parts.keys.hasRing(instance, ring)) throw new Refusal('NOT_FOUND', { message: 'There is no such key ring.' })
  if (wanted.expiresAt !== undefined && wanted.expiresAt <= now) {
    throw badField('expirationDate', 'The expiration date must lie in the future.')
  }
  if (parts.keys.total(instance) >= parts.limits.keysPerInstance) {
    throw quotaReached('The instance holds as many keys as it may.')
  }
  const byToken = wanted.secure !== undefined
  const kind = { root: !wanted.extractable, imported: byToken || wanted.material !== undefined, byToken }
  return [...ringStands(instance, ring), ...parts.policies.requireCreation(instance, kind)]
}

function policiesFor(call: KeyCall, id: string, wanted: CreateWish, now: number, parts: KeyParts): NewKeyPolicies {
  const isImported = wanted.material !== undefined || wanted.secure !== undefined
  const key = { instance: call.instance.guid, id, isRoot: !wanted.extractable, isImported }
  const given = parts.policies.forNewKey(key, wanted.overrides, call.caller.id, now)
  for (const kind of wanted.expected ?? []) {
    if (given[kind]?.enabled !== true) {
      const message = `The instance gives new keys no ${kind} policy: create the key with its own (keys_with_policy_overrides).`
      throw badField(kind, message)
    }
  }
  return given
}

/** Given material in the clear, with what must still hold when it is recorded. */
async function materialOf(
  instance: string,
  { material, secure }: CreateWish,
  now: number,
  parts: KeyParts,
): Promise<{ bytes: Uint8Array; conditions: readonly Condition[] } | undefined> {
  if (secure !== undefined) return await parts.imports.openSecurePayload(instance, secure, now)
  return material === undefined ? undefined : { bytes: material.bytes, conditions: [] }
}

function noteOverrides(
  { rotation, dualAuthDelete }: PolicyOverrides,
  request: Seen<'hs-crypto.secrets.create'>['request'],
): void {
  if (dualAuthDelete !== undefined) request['newValue.policyDualAuthDeleteEnabled'] = dualAuthDelete.enabled
  if (rotation === undefined) return
  request['newValue.policyRotationEnabled'] = rotation.enabled
  if (rotation.interval_month !== undefined) {
    request['newValue.policyRotationIntervalMonth'] = rotation.interval_month
  }
}

function aliasOf(key: KeyRow, alias: string): Alias {
  return { instance: key.instance, alias, key: key.id, createdAt: key.createdAt, createdBy: key.createdBy }
}

/** The first version of a root key has the key's own id, as in the published samples. */
function newKey(call: KeyCall, ring: string, wanted: CreateWish, now: number, id: string, bytes: number): KeyRow {
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
    imported: wanted.material === undefined && wanted.secure === undefined ? 0 : 1,
    bits: 8 * bytes,
    versions: 1,
    newest: id,
    newestAt: now,
    createdAt: now,
    createdBy: call.caller.id,
    updatedAt: null,
    rotatedAt: null,
    rotatedByHandAt: null,
    expiresAt: wanted.expiresAt ?? null,
    deletedAt: null,
    deletedBy: null,
    deletedFrom: null,
    authorisedBy: null,
    authorisedUntil: null,
    actedAt: null,
    syncedAt: null,
  }
}
