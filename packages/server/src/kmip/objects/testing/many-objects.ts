/** An adapter with very many objects, as a hypervisor leaves them: each a key with its tags; a few that stand out. */
import type { Store } from '../../../store/store.ts'
import { attributeValue } from '../../attributes/attribute-set.ts'
import type { AdapterRow } from '../../management/rows.ts'
import { enumerations } from '../../ttlv/enumerations.ts'
import { enumeration, type Item, text } from '../../ttlv/item.ts'
import { tags } from '../../ttlv/tags.ts'
import { type KmipObject, objectTypes, type StoredAttribute } from '../kmip-object.ts'
import { addObject } from '../object-changes.ts'
import { ACTIVE } from '../states.ts'

/** Each hundredth is secret data: few, and spread over all. */
const secretEvery = 100

/** Seconds since the epoch at which the first object was made; each next one a second later. */
export const firstSeconds = 1_700_000_000

const { text: textValue, integer, date, boolean } = attributeValue

/** Puts objects 0 to `count` - 1 in place, in one transaction. */
export function fillAdapter(store: Store, adapter: AdapterRow, count: number): void {
  store.exec('BEGIN')
  for (let number = 0; number < count; number += 1) {
    for (const { sql, params } of addObject(objectOf(adapter, number))) store.run(sql, params)
  }
  store.exec('COMMIT')
}

export function nameOf(number: number): string {
  return `vm-${String(number).padStart(6, '0')}`
}

export function machineOf(number: number): string {
  return `host-${number}.example.com`
}

export function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** A Name as an attribute's value. */
export function nameValue(name: string): Item {
  return attributeValue.structure([text(tags.NameValue, name), enumeration(tags.NameType, 1)])
}

function objectOf({ instance, id: adapter, crk }: AdapterRow, number: number): KmipObject {
  const seconds = firstSeconds + number
  const isSecret = number % secretEvery === 0
  const at = { at: seconds * 1_000, by: 'CertificateID-0', certificate: null }
  return {
    number: undefined,
    instance,
    adapter,
    id: idOf(number),
    type: isSecret ? objectTypes.SecretData : objectTypes.SymmetricKey,
    state: ACTIVE,
    revision: 1,
    form: { format: enumerations.KeyFormatType.Raw },
    material: { blob: new Uint8Array(60), rootVersion: crk },
    attributes: attributesOf(number, seconds),
    created: at,
    updated: undefined,
    destroyed: undefined,
  }
}

function attributesOf(number: number, seconds: number): StoredAttribute[] {
  const values: readonly (readonly [string, Item])[] = [
    ['Cryptographic Algorithm', attributeValue.enumeration(enumerations.CryptographicAlgorithm.AES)],
    ['Cryptographic Usage Mask', integer(number % 3 === 0 ? 4 : 12)],
    ['Cryptographic Length', integer(256)],
    ['Name', nameValue(nameOf(number))],
    ['Initial Date', date(seconds)],
    ['Activation Date', date(seconds)],
    ['Last Change Date', date(seconds)],
    [
      'Digest',
      attributeValue.structure([
        enumeration(tags.HashingAlgorithm, enumerations.HashingAlgorithm.SHA_256),
        { tag: tags.DigestValue, type: 'ByteString', value: new Uint8Array(32) },
      ]),
    ],
    ['Fresh', boolean(true)],
    ['Key Value Present', boolean(true)],
    ['Sensitive', boolean(false)],
    ['Always Sensitive', boolean(false)],
    ['Extractable', boolean(true)],
    ['Never Extractable', boolean(false)],
    ['x-Product_Version', textValue('7.0.3 build-19480866')],
    ['x-Vendor', textValue('VMware, Inc.')],
    ['x-Product', textValue('VMware vSphere')],
    ['x-Identifier', textValue(machineOf(number))],
  ]
  return values.map(([name, value]) => ({ name, index: 0, value }))
}
