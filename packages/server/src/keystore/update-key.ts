/** `keystore.updatekey`: an object is replaced by another form of itself, or said to be otherwise; its version grows by one. */
import type { Operation, Seen } from '../audit.ts'
import { worksUnder } from '../units/master-keys.ts'
import { admitted, existingObject, requireVersion, type VersionWish } from './admit.ts'
import { type AttributeChanges, namesOf } from './attributes.ts'
import { addTransaction, replaceObject, type WrittenObject } from './changes.ts'
import { describeObject } from './describe-object.ts'
import { allAttributes, changedAttributes, contentOf } from './key-content.ts'
import type { KeystoreRow, ObjectHead, StoredObject } from './keystore-row.ts'
import { openedObject } from './object-pages.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'
import { contentOfWrite, writtenBefore } from './transactions.ts'

export interface UpdateWish extends VersionWish {
  /** The one that was read. */
  readonly version: number
  /** Hexadecimal; undefined for none. */
  readonly tx: string | undefined
  readonly attributes: AttributeChanges
  /** Undefined: the one there is stays. */
  readonly object: Buffer | undefined
}

/** @param named UUIDs; undefined for what is none */
export function updateKey(
  call: KeystoreCall,
  named: { readonly keystore: string | undefined; readonly key: string | undefined },
  wish: () => UpdateWish,
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.updatekey', StoredObject> {
  return async (seen) => {
    const keystore = admitted(call, 'keystore-keys.update', named, seen, parts)
    if (named.key !== undefined) seen.request.keyId = named.key
    const wanted = wish()
    const { attributes, object, tx } = wanted
    seen.request['initialValue.version'] = wanted.version
    if (attributes.size > 0) seen.request.attributeNames = namesOf(attributes.keys())
    const content = contentOfWrite({ what: 'update', id: named.key ?? '', ...wanted })
    const former = writtenBefore(keystore, tx, content, parts)
    if (former !== undefined) return answered(keystore, former, seen, parts)
    const before = existingObject(keystore, named.key, parts)
    requireVersion(wanted, before.version)
    const described =
      object === undefined ? undefined : await describeObject(call, object, allAttributes(before), parts)
    const given = changedAttributes(keystore, before, attributes, described)
    const written: WrittenObject = {
      ...before,
      given,
      told: described?.told ?? before.told,
      content: described === undefined ? undefined : contentOf(keystore, before.id, described, parts.sealer),
    }
    const stamp = { at: parts.clock.now(), by: call.caller.id }
    const version = before.version + 1
    seen.response['newValue.version'] = version
    const wkid = described === undefined ? before.wkid : described.wkid
    const after = { ...before, ...written, version, wkid, updatedAt: stamp.at, updatedBy: stamp.by }
    return {
      result:
        described === undefined
          ? openedObject(keystore, after, true, parts)
          : { ...after, keystore, object: described.object },
      code: 200,
      changes: [
        ...replaceObject(keystore, before, written, stamp),
        ...(tx === undefined ? [] : [addTransaction(keystore, tx, { content, id: before.id, version })]),
      ],
      conditions: described === undefined || wkid === null ? [] : [worksUnder(keystore.instance, wkid)],
      ...(object === undefined ? {} : { settled: parts.oweForgetting }),
    }
  }
}

function answered(
  keystore: KeystoreRow,
  former: ObjectHead,
  seen: Seen<'hs-crypto.keystore.updatekey'>,
  parts: KeystoreParts,
): { result: StoredObject; code: number } {
  seen.response['newValue.version'] = former.version
  return { result: openedObject(keystore, former, true, parts), code: 200 }
}
