/** `policies.write`: sets policies of a key; the next call on the key meets them. */
import { uuidv7 } from '@keywitness/cadf'
import type { Operation } from '../audit.ts'
import { authorise, existing, keyIdOf, requireRoot } from '../keys/admit.ts'
import type { KeyRow } from '../keys/key-row.ts'
import type { KeyCall } from '../keys/parts.ts'
import { badField } from '../keys/refusals.ts'
import { rotationDueDate } from '../keys/rotation-due.ts'
import { requireState } from '../keys/states.ts'
import type { Change } from '../store/store.ts'
import { badMonths } from './collection.ts'
import { changeFields } from './event-fields.ts'
import { unrotatable } from './in-force.ts'
import type { PolicyValue } from './instance-policy.ts'
import type { KeyPolicyWish } from './key-body.ts'
import { insertKeyPolicy, type KeyPolicy, policiesOfKey, rotationOf, updateKeyPolicy } from './key-policy.ts'
import type { PolicyParts } from './parts.ts'

export function writeKeyPolicies(
  call: KeyCall,
  id: string,
  wish: () => readonly KeyPolicyWish[],
  parts: PolicyParts,
): Operation<'hs-crypto.policies.write', readonly KeyPolicy[]> {
  return (seen) => {
    const found = parts.keys.find(call.instance.guid, keyIdOf(id))
    authorise(call, id, found, 'key-policies', seen, parts)
    const wanted = wish()
    const key = existing(call, found)
    const now = parts.clock.now()
    const known = policiesOfKey(parts.reader, key.instance, key.id)
    const set = wanted.map((one) => {
      const before = known.find(({ kind }) => kind === one.kind)
      return { before, after: decide(call, key, before, one, now, parts) }
    })
    // Only once none is refused: an event must not tell of a change that was not made.
    for (const { before, after } of set) {
      const { kind } = after
      Object.assign(seen.request, changeFields(kind, valueOf(kind, before), valueOf(kind, after)))
      if (kind === 'rotation') seen.response.rotationDueDate = rotationDueDate(rotationOf(after), key, now)
    }
    const changes = set.map(({ before, after }) =>
      before === undefined ? insertKeyPolicy(after) : updateKeyPolicy(before, after),
    )
    return { result: set.map(({ after }) => after), code: 200, changes: [touch(key, now), ...changes] }
  }
}

function decide(
  call: KeyCall,
  key: KeyRow,
  before: KeyPolicy | undefined,
  wanted: KeyPolicyWish,
  now: number,
  parts: PolicyParts,
): KeyPolicy {
  const months = wanted.months ?? before?.months ?? null
  if (wanted.kind === 'rotation') {
    requireRoot(key)
    requireState('set a rotation policy', key, now)
    if (key.imported === 1) throw unrotatable()
    if (wanted.enabled && months === null) throw badMonths()
  } else {
    requireState('set a dual authorisation policy', key, now)
    if (before?.enabled === 1 && !wanted.enabled) {
      throw badField('enabled', 'The deletion of a key by two people cannot be switched off again.')
    }
  }
  return {
    instance: key.instance,
    key: key.id,
    kind: wanted.kind,
    id: before?.id ?? uuidv7(now, parts.random(10)),
    revision: (before?.revision ?? 0) + 1,
    enabled: wanted.enabled ? 1 : 0,
    months,
    createdAt: before?.createdAt ?? now,
    createdBy: before?.createdBy ?? call.caller.id,
    updatedAt: now,
    updatedBy: call.caller.id,
  }
}

/** As the instance policy of the same kind would say it. */
function valueOf(kind: KeyPolicy['kind'], policy: KeyPolicy | undefined): PolicyValue {
  if (kind === 'dualAuthDelete') return { enabled: policy?.enabled === 1, attributes: {} }
  const { enabled, ...attributes } = rotationOf(policy ?? { enabled: 0, months: null })
  return { enabled, attributes }
}

/** The key was changed, and a deletion or rotation decided before this policy must be decided again after it. */
function touch(key: KeyRow, now: number): Change {
  return {
    sql: `UPDATE keys SET revision = revision + 1, updated_at = ?
      WHERE instance = ? AND id = ? AND revision = ? AND state = ?`,
    params: [now, key.instance, key.id, key.revision, key.state],
    rows: 1,
  }
}
