/** The service `grep11.Keystore`: each method with its action, for who may, over the operations that HTTP has, too. */
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf'
import type { ActionName } from '@keywitness/cadf'
import { Ep11Error } from '@keywitness/crypto-unit/ep11/ep11-error'
import type { Operation, Seen } from '../audit.ts'
import { type Ep11Call, type Ep11Method, ep11Method, type MethodDone } from '../ep11/method.ts'
import { Keystore } from '@keywitness/ep11-client/schema/keystore_pb'
import { Refusal } from '../errors.ts'
import type { KeystorePermission } from '../iam/permissions.ts'
import { createKeystore } from './create-keystore.ts'
import { deleteKey } from './delete-key.ts'
import { deleteKeystore } from './delete-keystore.ts'
import { listKeysByAttributes } from './list-keys-by-attributes.ts'
import { listKeysByIds } from './list-keys-by-ids.ts'
import { listKeystoresByAttributes } from './list-keystores-by-attributes.ts'
import { listKeystoresByIds } from './list-keystores-by-ids.ts'
import {
  badArgument,
  idIn,
  keyBlob,
  keyPage,
  keystoreInfo,
  newKeyIn,
  pageIn,
  queryIn,
  requiredId,
  requiredIds,
  typeIn,
  updateIn,
  versionIn,
} from './messages.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'
import { parseKeystore } from './request.ts'
import { storeNewKey } from './store-new-key.ts'
import { updateKey } from './update-key.ts'

const { method } = Keystore
const anyVersion = { version: undefined, stale: 'KEYSTORE_STALE' } as const

export function keystoreMethods(parts: KeystoreParts): Ep11Method[] {
  return [...ofKeystores(parts), ...ofKeys(parts)]
}

function ofKeystores(parts: KeystoreParts): Ep11Method[] {
  return [
    ep11Method({
      method: method.createKeystore,
      action: 'hs-crypto.keystore.createkeystore',
      ...admitting('keystores.create', parts),
      run: (call, { id, name, type, authenticated }, seen) => {
        const wish = () => {
          const said = { ...(id.length === 0 ? {} : { id: requiredId(id) }), ...(name === '' ? {} : { name }) }
          const wanted = typeIn(type)
          if (wanted === undefined) throw badArgument('A keystore is public or private.')
          return parseKeystore({ ...said, type: wanted, authenticated })
        }
        return answered(createKeystore(callOf(call), wish, parts), seen, (made) => ({ keystore: keystoreInfo(made) }))
      },
    }),
    ep11Method({
      method: method.deleteKeystore,
      action: 'hs-crypto.keystore.deletekeystore',
      ...admitting('keystores.delete', parts),
      run: (call, { id }, seen) =>
        answered(
          deleteKeystore(callOf(call), idIn(id), () => anyVersion, parts),
          seen,
          () => ({}),
        ),
    }),
    ep11Method({
      method: method.listKeystoresByIds,
      action: 'hs-crypto.keystore.listkeystoresbyids',
      ...admitting('keystores.list-by-ids', parts),
      run: (call, { ids }, seen) =>
        answered(
          listKeystoresByIds(callOf(call), () => requiredIds(ids), parts),
          seen,
          (found) => ({
            keystores: found.map(keystoreInfo),
          }),
        ),
    }),
    ep11Method({
      method: method.listKeystoresByAttributes,
      action: 'hs-crypto.keystore.listkeystoresbyattributes',
      ...admitting('keystores.list-by-attributes', parts),
      run: (call, request, seen) => {
        const { type, name } = request
        const wish = () => ({ ...pageIn(request), type: typeIn(type), name: name === '' ? undefined : name })
        return answered(listKeystoresByAttributes(callOf(call), wish, parts), seen, ({ keystores, next }) => ({
          keystores: keystores.map(keystoreInfo),
          nextPageToken: next ?? new Uint8Array(),
        }))
      },
    }),
  ]
}

function ofKeys(parts: KeystoreParts): Ep11Method[] {
  return [
    ep11Method({
      method: method.storeNewKey,
      action: 'hs-crypto.keystore.storenewkey',
      ...admitting('keystore-keys.store', parts),
      run: (call, { keystoreId, key }, seen) =>
        answered(
          storeNewKey(callOf(call), idIn(keystoreId), () => newKeyIn(key), parts),
          seen,
          (stored) => ({
            key: keyBlob(stored, key?.txId),
          }),
        ),
    }),
    ep11Method({
      method: method.updateKey,
      action: 'hs-crypto.keystore.updatekey',
      ...admitting('keystore-keys.update', parts),
      run: (call, { keystoreId, key }, seen) => {
        const named = { keystore: idIn(keystoreId), key: idIn(key?.keyBlobId ?? new Uint8Array()) }
        return answered(
          updateKey(callOf(call), named, () => updateIn(key), parts),
          seen,
          (stored) => ({
            key: keyBlob(stored, key?.txId),
          }),
        )
      },
    }),
    ep11Method({
      method: method.deleteKey,
      action: 'hs-crypto.keystore.deletekey',
      ...admitting('keystore-keys.delete', parts),
      run: (call, { keystoreId, keyId, version }, seen) => {
        const named = { keystore: idIn(keystoreId), key: idIn(keyId) }
        const wish = () => (version === 0n ? anyVersion : { ...anyVersion, version: versionIn(version) })
        return answered(deleteKey(callOf(call), named, wish, parts), seen, () => ({}))
      },
    }),
    ep11Method({
      method: method.listKeysByIds,
      action: 'hs-crypto.keystore.listkeysbyids',
      ...admitting('keystore-keys.list', parts),
      run: (call, request, seen) => {
        const wish = () => ({ ...pageIn(request), ids: requiredIds(request.ids), withObjects: true })
        return answered(listKeysByIds(callOf(call), idIn(request.keystoreId), wish, parts), seen, keyPage)
      },
    }),
    ep11Method({
      method: method.listKeysByAttributes,
      action: 'hs-crypto.keystore.listkeysbyattributes',
      ...admitting('keystore-keys.list', parts),
      run: (call, { query }, seen) =>
        answered(
          listKeysByAttributes(callOf(call), () => queryIn(query), parts),
          seen,
          keyPage,
        ),
    }),
  ]
}

/** A role may be limited to a keystore or key, so that the operation asks once more; who has none anywhere is told first. */
function admitting(permission: KeystorePermission, { access }: KeystoreParts) {
  return {
    permissions: [],
    admit: ({ caller, instance }: Ep11Call): void => void access.keystores(caller, instance, permission),
  }
}

async function answered<A extends ActionName, R, O extends DescMessage>(
  operation: Operation<A, R>,
  seen: Seen<A>,
  toAnswer: (result: R) => MessageInitShape<O>,
): Promise<MethodDone<MessageInitShape<O>>> {
  const { result, changes, conditions, settled } = await asEp11(() => operation(seen))
  return {
    answer: toAnswer(result),
    ...(changes === undefined ? {} : { changes }),
    ...(conditions === undefined ? {} : { conditions }),
    ...(settled === undefined ? {} : { settled }),
  }
}

/** What HTTP has other status codes for than EP11. @throws Ep11Error `CKR_DEVICE_MEMORY`, `CKR_DATA_LEN_RANGE` */
async function asEp11<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'QUOTA_EXCEEDED') throw new Ep11Error('CKR_DEVICE_MEMORY', error.message)
    if (error.code === 'BODY_TOO_LARGE') throw new Ep11Error('CKR_DATA_LEN_RANGE', 'The object is larger than allowed.')
    throw error
  }
}

function callOf({ caller, instance }: Ep11Call): KeystoreCall {
  return { caller, instance }
}
