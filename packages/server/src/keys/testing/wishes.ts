/** Plain wishes and bodies for the tests of the key service. */
import type { CreateWish, Material } from '../create.ts'
import type { House } from './house.ts'
import { createKey } from '../create.ts'
import type { KeyRow } from '../key-row.ts'

export const keyType = 'application/vnd.ibm.kms.key+json'

/** A fresh copy each time: the unit zeroes what it is given. */
export function material(bytes: Uint8Array): Material {
  return { bytes: Uint8Array.from(bytes), text: Buffer.from(bytes).toString('base64') }
}

export function createWish(wish: Partial<CreateWish> = {}): CreateWish {
  return {
    name: 'billing',
    description: undefined,
    tags: [],
    extractable: false,
    expiresAt: undefined,
    material: undefined,
    secure: undefined,
    aliases: [],
    overrides: undefined,
    ...wish,
  }
}

/** Creates a key as the house's manager. */
export async function addKey(house: House, wish: Partial<CreateWish> = {}): Promise<KeyRow> {
  const given = wish.material === undefined ? undefined : Uint8Array.from(wish.material.bytes)
  const operation = createKey(
    house.call(),
    () => createWish({ ...wish, material: given === undefined ? undefined : material(given) }),
    false,
    house.parts,
  )
  return (await house.run('hs-crypto.secrets.create', operation)).key
}

/** The envelope of a key creation. */
export function createBody(key: object): object {
  return { metadata: { collectionType: keyType, collectionTotal: 1 }, resources: [{ type: keyType, ...key }] }
}
