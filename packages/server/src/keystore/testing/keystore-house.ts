/** EP11 keystores for tests: the house of the key service with a crypto unit of EP11, and every operation at hand. */
import { createSealer } from '../../seal.ts'
import type { Caller } from '../../caller.ts'
import { readRoleGrants } from '../../iam/role-grants.ts'
import { createAccess } from '../../iam/roles.ts'
import type { Instance } from '../../instances/instance.ts'
import { type House, openHouse } from '../../keys/testing/house.ts'
import { putInForce } from '../../units/master-keys.ts'
import type { Ep11Client } from '../../units/ep11-client.ts'
import type { VersionWish } from '../admit.ts'
import type { Attributes, Value } from '../attributes.ts'
import { createKeystore, type KeystoreWish } from '../create-keystore.ts'
import { deleteKey } from '../delete-key.ts'
import { deleteKeystore } from '../delete-keystore.ts'
import type { KeystoreRow, StoredObject } from '../keystore-row.ts'
import { keystoreLimits } from '../limits.ts'
import { type KeysByAttributesWish, listKeysByAttributes } from '../list-keys-by-attributes.ts'
import { type KeysByIdsWish, listKeysByIds } from '../list-keys-by-ids.ts'
import { type KeystorePage, type KeystoreQuery, listKeystoresByAttributes } from '../list-keystores-by-attributes.ts'
import { listKeystoresByIds } from '../list-keystores-by-ids.ts'
import type { ObjectPage } from '../object-pages.ts'
import type { KeystoreCall, KeystoreParts } from '../parts.ts'
import { keystoreStore } from '../store.ts'
import { type NewKeyWish, storeNewKey } from '../store-new-key.ts'
import { type UpdateWish, updateKey } from '../update-key.ts'
import { type MemoryEp11, memoryEp11 } from './memory-ep11.ts'

export const patternInForce = 'a'.repeat(64)

export interface KeystoreHouse {
  readonly house: House
  readonly ep11: MemoryEp11
  readonly parts: KeystoreParts
  /** A manager's call, or another's. */
  call(caller?: Caller, more?: { readonly instance?: Instance }): KeystoreCall
  /** The operations as a caller makes them, each with its action. */
  readonly ask: Asking
}

type Named = { readonly keystore: string | undefined; readonly key: string | undefined }

/** Each as an operation that can be run or refused. */
interface Asking {
  create(wish?: Partial<KeystoreWish>, call?: KeystoreCall): Promise<KeystoreRow>
  remove(id: string, wish?: Partial<VersionWish>, call?: KeystoreCall): Promise<undefined>
  byIds(ids?: readonly string[], call?: KeystoreCall): Promise<readonly KeystoreRow[]>
  byAttributes(wish?: Partial<KeystoreQuery>, call?: KeystoreCall): Promise<KeystorePage>
  store(keystore: string, wish?: Partial<NewKeyWish>, call?: KeystoreCall): Promise<StoredObject>
  update(named: Named, wish: Partial<UpdateWish>, call?: KeystoreCall): Promise<StoredObject>
  destroy(named: Named, wish?: Partial<VersionWish>, call?: KeystoreCall): Promise<undefined>
  keysByIds(keystore: string, wish?: Partial<KeysByIdsWish>, call?: KeystoreCall): Promise<ObjectPage>
  search(wish?: Partial<KeysByAttributesWish>, call?: KeystoreCall): Promise<ObjectPage>
}

const page = { limit: keystoreLimits.page.default, token: undefined }
const anyVersion: VersionWish = { version: undefined, stale: 'KEYSTORE_STALE' }

/** @param unit in place of the one in memory */
export function openKeystoreHouse(unit?: Ep11Client): KeystoreHouse {
  const house = openHouse()
  const ep11 = memoryEp11(patternInForce)
  for (const { guid } of [house.instance, house.foreign]) {
    const { sql, params } = putInForce(guid, patternInForce, 0)
    house.store.run(sql, params)
  }
  const parts: KeystoreParts = {
    keystores: keystoreStore(house.store),
    ep11: unit ?? ep11,
    access: createAccess(readRoleGrants(house.store)),
    sealer: createSealer(Buffer.alloc(32, 7)),
    clock: house.parts.clock,
    random: house.parts.random,
    oweForgetting: () => void house.parts.forget(),
  }
  const manager = house.call().caller
  const call: KeystoreHouse['call'] = (caller = manager, { instance = house.instance } = {}) => ({
    caller,
    instance,
  })
  const action = <Name extends string>(name: Name) => `hs-crypto.keystore.${name}` as const
  const usual = call()
  return {
    house,
    ep11,
    parts,
    call,
    ask: {
      create: (wish, by = usual) => {
        const wanted = { id: undefined, name: '', type: 'public', authenticated: false, ...wish } as const
        return house.run(
          action('createkeystore'),
          createKeystore(by, () => wanted, parts),
          by,
        )
      },
      remove: (id, wish, by = usual) =>
        house.run(
          action('deletekeystore'),
          deleteKeystore(by, id, () => ({ ...anyVersion, ...wish }), parts),
          by,
        ),
      byIds: (ids = [], by = usual) =>
        house.run(
          action('listkeystoresbyids'),
          listKeystoresByIds(by, () => ids, parts),
          by,
        ),
      byAttributes: (wish, by = usual) => {
        const wanted = { type: undefined, name: undefined, ...page, ...wish }
        const operation = listKeystoresByAttributes(by, () => wanted, parts)
        return house.run(action('listkeystoresbyattributes'), operation, by)
      },
      store: (keystore, wish, by = usual) => {
        const wanted = { id: undefined, tx: undefined, attributes: new Map<number, Value>(), ...wish }
        const operation = storeNewKey(by, keystore, () => ({ object: ep11.key(), ...wanted }), parts)
        return house.run(action('storenewkey'), operation, by)
      },
      update: (named, wish, by = usual) => {
        const wanted: UpdateWish = {
          version: 0,
          stale: 'KEYSTORE_STALE',
          tx: undefined,
          attributes: new Map(),
          object: undefined,
          ...wish,
        }
        return house.run(
          action('updatekey'),
          updateKey(by, named, () => wanted, parts),
          by,
        )
      },
      destroy: (named, wish, by = usual) =>
        house.run(
          action('deletekey'),
          deleteKey(by, named, () => ({ ...anyVersion, ...wish }), parts),
          by,
        ),
      keysByIds: (keystore, wish, by = usual) => {
        const wanted = { ids: [], withObjects: true, ...page, ...wish }
        return house.run(
          action('listkeysbyids'),
          listKeysByIds(by, keystore, () => wanted, parts),
          by,
        )
      },
      search: (wish, by = usual) => {
        const attributes: Attributes = new Map()
        const wanted = { keystoreIds: [], attributes, withObjects: true, ...page, ...wish }
        return house.run(
          action('listkeysbyattributes'),
          listKeysByAttributes(by, () => wanted, parts),
          by,
        )
      },
    },
  }
}
