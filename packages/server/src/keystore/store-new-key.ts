/** `keystore.storenewkey`: an object comes into a keystore, once for each TxID, if it is what it says under the master key. */
import { uuidv7 } from '@keywitness/cadf'
import { objectClasses, keyTypes } from '@keywitness/crypto-unit/ep11/attributes'
import type { Operation, Seen } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { isWithin } from '../iam/roles.ts'
import { worksUnder } from '../units/master-keys.ts'
import { existingKeystore, keyTarget, noteRequested } from './admit.ts'
import { type AttributeChanges, type Attributes, nameIn } from './attributes.ts'
import { addObject, addTransaction } from './changes.ts'
import { describeObject, type DescribedObject } from './describe-object.ts'
import { contentOf, newAttributes } from './key-content.ts'
import type { KeystoreRow, StoredObject } from './keystore-row.ts'
import { keystoreLimits } from './limits.ts'
import { openedObject } from './object-pages.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'
import { contentOfWrite, writtenBefore } from './transactions.ts'

export interface NewKeyWish {
  /** UUID; undefined: made here. */
  readonly id: string | undefined
  /** Hexadecimal; undefined for none. */
  readonly tx: string | undefined
  readonly attributes: AttributeChanges
  readonly object: Buffer
}

type SeenStoring = Seen<'hs-crypto.keystore.storenewkey'>

/** @param id UUID of the keystore; undefined for what is none */
export function storeNewKey(
  call: KeystoreCall,
  id: string | undefined,
  wish: () => NewKeyWish,
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.storenewkey', StoredObject> {
  return async (seen) => {
    const { keystore, wanted } = admitStoring(call, id, wish, seen, parts)
    const { attributes, object, tx } = wanted
    const content = contentOfWrite({ what: 'store', id: wanted.id ?? '', version: 0, attributes, object })
    const former = writtenBefore(keystore, tx, content, parts)
    if (former !== undefined) {
      noteStored(call, keystore, former, seen)
      return { result: openedObject(keystore, former, true, parts), code: 200 }
    }
    const now = parts.clock.now()
    const key = wanted.id ?? uuidv7(now, parts.random(10))
    if (parts.keystores.find(keystore.number, key) !== undefined) {
      throw new Refusal('ALREADY_EXISTS', { message: 'The keystore has an object of this id already.' })
    }
    if (parts.keystores.totals(keystore.instance).objects >= keystoreLimits.objectsPerInstance) {
      throw new Refusal('QUOTA_EXCEEDED', {
        message: 'The keystores of the instance hold as many objects as they may.',
      })
    }
    const described = await describeObject(call, object, withValues(attributes), parts)
    noteKind(described, seen)
    const { class: objectClass, keyType, told, wkid } = described
    const given = newAttributes(keystore, attributes, described)
    const written = { id: key, class: objectClass, keyType, given, told }
    const stamp = { at: now, by: call.caller.id }
    const head = {
      ...written,
      number: 0,
      version: 0,
      wkid,
      createdAt: now,
      createdBy: stamp.by,
      updatedAt: null,
      updatedBy: null,
    }
    noteStored(call, keystore, head, seen)
    return {
      result: { ...head, keystore, object: described.object },
      code: 201,
      changes: [
        ...addObject(keystore, { ...written, content: contentOf(keystore, key, described, parts.sealer) }, stamp),
        ...(tx === undefined ? [] : [addTransaction(keystore, tx, { content, id: key, version: 0 })]),
      ],
      conditions: wkid === null ? [] : [worksUnder(keystore.instance, wkid)],
    }
  }
}

/** Of a role on single keys only the request itself says whether it reaches this one. */
function admitStoring(
  call: KeystoreCall,
  id: string | undefined,
  wish: () => NewKeyWish,
  seen: SeenStoring,
  parts: KeystoreParts,
): { keystore: KeystoreRow; wanted: NewKeyWish } {
  noteRequested(call, id, undefined, seen)
  if (id !== undefined) seen.request.keystoreId = id
  const allowed = parts.access.keystores(call.caller, call.instance, 'keystore-keys.store')
  const row = id === undefined ? undefined : parts.keystores.keystore(call.instance.guid, id)
  const place = { id: id ?? '', isPublic: row?.type !== 'private' }
  const isCertain = isWithin(allowed, place)
  if (!isCertain && (allowed === 'all' || allowed.keys.size === 0)) throw new Refusal('UNAUTHORIZED_ERR')
  const wanted = wish()
  if (wanted.id !== undefined && id !== undefined) seen.target = keyTarget(call, id, wanted.id)
  if (!isCertain && !isWithin(allowed, { ...place, ...(wanted.id === undefined ? {} : { key: wanted.id }) })) {
    throw new Refusal('UNAUTHORIZED_ERR')
  }
  return { keystore: existingKeystore(row), wanted }
}

function noteStored(
  call: KeystoreCall,
  keystore: KeystoreRow,
  object: Pick<StoredObject, 'id' | 'version' | 'class' | 'keyType'>,
  seen: SeenStoring,
): void {
  seen.target = keyTarget(call, keystore.id, object.id)
  seen.response.keyId = object.id
  seen.response.version = object.version
  noteKind(object, seen)
}

function noteKind(
  { class: objectClass, keyType }: Pick<DescribedObject, 'class' | 'keyType'>,
  seen: SeenStoring,
): void {
  seen.request.class = nameIn(objectClasses, objectClass)
  if (keyType !== null) seen.request.keyType = nameIn(keyTypes, keyType)
}

function withValues(attributes: AttributeChanges): Attributes {
  return new Map([...attributes].filter((entry) => entry[1] !== undefined)) as Attributes
}
