/** `secrets.rotate`: a new version of a root key; ciphertexts of the older ones stay readable. */
import { uuidv7 } from '@keywitness/cadf'
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { SecurePayload } from '../import-token/secure-import.ts'
import type { Change, Condition } from '../store/store.ts'
import { authorise, existing, keyIdOf, requireRoot } from './admit.ts'
import { addVersion, replaceKey } from './changes.ts'
import type { Material } from './create.ts'
import type { KeyRow } from './key-row.ts'
import { keyLimits } from './limits.ts'
import type { KeyCall, KeyParts } from './parts.ts'
import { fromUnit, quotaReached } from './refusals.ts'
import { rotationDueDate } from './rotation-due.ts'
import { requireState } from './states.ts'

export interface RotateWish {
  /** New material: needed for an imported key, refused for a generated one. */
  readonly material: Material | undefined
  /** The same under the import token. */
  readonly secure?: SecurePayload | undefined
  /** By the key's policy, which neither waits for the hour of a rotation by hand nor begins one. */
  readonly byPolicy?: true
}

export function rotateKey(
  call: KeyCall,
  id: string,
  wish: () => RotateWish,
  parts: KeyParts,
): Operation<'hs-crypto.secrets.rotate', KeyRow> {
  return async (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'keys.rotate', seen, parts)
    const wanted = wish()
    const key = existing(call, found)
    const now = parts.clock.now()
    check(key, wanted, now, parts)
    const conditions: Condition[] =
      key.imported === 1 ? parts.policies.requireToken(key.instance, wanted.secure !== undefined) : []

    const opened =
      wanted.secure === undefined ? undefined : await parts.imports.openSecurePayload(key.instance, wanted.secure, now)
    const turned = wanted.byPolicy === true ? key : { ...key, rotatedByHandAt: now }
    const next = await nextVersion(call, turned, opened?.bytes ?? wanted.material?.bytes, now, parts)
    const { rotation } = parts.policies.keyPolicies(key.instance, key.id)
    seen.response.rotationDueDate = rotationDueDate(rotation, next.result, now)
    return { ...next, code: 204, conditions: [...conditions, ...(opened?.conditions ?? [])] }
  }
}

/** A key with one version more, and what writes that down, whoever asks for it. `material` undefined: the unit makes it. */
async function nextVersion(
  call: KeyCall,
  key: KeyRow,
  material: Uint8Array | undefined,
  now: number,
  parts: KeyParts,
): Promise<{ result: KeyRow; changes: Change[] }> {
  const version = uuidv7(now, parts.random(10))
  const name = { instance: key.instance, kind: 'root-key', id: version } as const
  const bytes = material?.length ?? keyLimits.generatedBytes
  const blob = await fromUnit(
    material === undefined ? parts.unit.generate(name, bytes) : parts.unit.importMaterial(name, material),
  )
  const rotated: KeyRow = {
    ...key,
    bits: 8 * bytes,
    versions: key.versions + 1,
    newest: version,
    newestAt: now,
    rotatedAt: now,
    actedAt: now,
    updatedAt: now,
  }
  const facts = { oldVersion: { id: key.newest, createdAt: key.newestAt } }
  const changes = [
    replaceKey(key, rotated),
    ...addVersion(key, { id: version, number: rotated.versions, createdAt: now, blob }),
    ...parts.lifecycle.begin(rotated, 'rotate', call, facts, now),
  ]
  return { result: rotated, changes }
}

function check(key: KeyRow, wanted: RotateWish, now: number, parts: KeyParts): void {
  const isGiven = wanted.material !== undefined || wanted.secure !== undefined
  requireRoot(key)
  requireState(parts.limits.rotatesDeactivated ? 'rotate as in Key Protect' : 'rotate', key, now)
  if (key.imported === 1 && !isGiven) {
    throw new Refusal('KEY_PAYLOAD_REQ_ERR', { at: { type: 'field', name: 'payload' } })
  }
  if (key.imported === 0 && isGiven) {
    throw new Refusal('INVALID_QUERY_PARAM_ERR', {
      message: 'The service makes the material of a key it has generated: a payload cannot be given.',
      at: { type: 'field', name: 'payload' },
    })
  }
  // A wall clock that was set back does not lengthen the wait.
  const since = wanted.byPolicy === true ? Infinity : now - (key.rotatedByHandAt ?? -Infinity)
  if (since >= 0 && since < parts.limits.rotationIntervalMs) throw new Refusal('KEY_ROTATION_NOT_PERMITTED')
  if (key.versions >= parts.limits.versionsPerKey) throw quotaReached('The key has as many versions as it may.')
}
