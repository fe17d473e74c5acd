/** What a search finds objects by without reading them: hashes over keystore, attribute and value. */
import { createHash } from 'node:crypto'
import { attributeTypes } from '@keywitness/crypto-unit/ep11/attributes'
import type { Attributes, Value } from './attributes.ts'

/** Sixteen bytes are enough that two values do not meet by chance; whoever is found by one is compared whole. */
const KEY_BYTES = 16

/** Those that name one object or few, best first: a search walks what has the first of them that it asks for. */
const telling: readonly number[] = [
  attributeTypes.CKA_ID,
  attributeTypes.CKA_SERIAL_NUMBER,
  attributeTypes.CKA_OBJECT_ID,
  attributeTypes.CKA_LABEL,
]

/** The key under which objects of a keystore with such a value are found; undefined for booleans, which half of all have. */
export function searchKey(keystore: number, type: number, value: Value): Buffer | undefined {
  if (typeof value === 'boolean') return undefined
  const text = value instanceof Buffer ? `b${value.toString('hex')}` : `i${value}`
  return createHash('sha256').update(`${keystore}/${type}/${text}`).digest().subarray(0, KEY_BYTES)
}

/** All under which an object is found, as distinct keys. */
export function searchKeys(keystore: number, ...attributes: readonly Attributes[]): Buffer[] {
  const keys = new Map<string, Buffer>()
  for (const some of attributes) {
    for (const [type, value] of some) {
      const key = searchKey(keystore, type, value)
      if (key !== undefined) keys.set(key.toString('hex'), key)
    }
  }
  return [...keys.values()]
}

/** The attribute of a search that leads to the fewest objects, as far as its kind tells; undefined when none leads anywhere. */
export function bestAttribute(wanted: Attributes): readonly [number, Value] | undefined {
  const best = telling.find((type) => wanted.has(type) && typeof wanted.get(type) !== 'boolean')
  const rank = ([type, value]: readonly [number, Value]): number => {
    if (type === best) return 0
    if (value instanceof Buffer) return 1
    return typeof value === 'number' ? 2 : 3
  }
  const [first] = [...wanted].sort((a, b) => rank(a) - rank(b))
  return first === undefined || typeof first[1] === 'boolean' ? undefined : first
}
