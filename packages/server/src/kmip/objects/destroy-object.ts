/** An object as its destruction leaves it: without material, found by nothing, and still told of (KMIP 1.4, section 4.21). */
import { attributeValue, putAll } from '../attributes/attribute-set.ts'
import { DESTROYED, DESTROYED_COMPROMISED, type KmipObject, type Stamp } from './kmip-object.ts'
import { COMPROMISED } from './states.ts'

/** That it was compromised stays known (section 3.22). */
export function destroyedObject(object: KmipObject, by: Stamp): KmipObject {
  const date = attributeValue.date(Math.floor(by.at / 1_000))
  return {
    ...object,
    state: object.state === COMPROMISED ? DESTROYED_COMPROMISED : DESTROYED,
    attributes: putAll(object.attributes, { 'Destroy Date': date, 'Last Change Date': date }),
    material: undefined,
    updated: by,
    destroyed: by,
  }
}
