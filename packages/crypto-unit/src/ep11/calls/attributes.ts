/** Attributes of keys and public key objects: told, and changed where they may be (sections 4.1 and 4.3). */
import { bitAttributes, changedBits, classValue, type BitAttribute } from '../attribute-rules.ts'
import { attributeBits, sensitiveAttributes } from '../attributes.ts'
import { openObject, sealAgain, workplaceOf, type Call } from '../call.ts'
import { TEMPLATE_ENTRIES_MAX } from '../call-codec.ts'
import type { AttributeValue, CallAnswer, CallRequest, Template } from '../calls.ts'
import { Ep11Error } from '../ep11-error.ts'
import { materialAttributes } from '../material-attributes.ts'
import { fingerprintOf } from '../object-opener.ts'
import type { OpenedKey } from '../opened-key.ts'
import { makePublicObject } from '../public-object.ts'
import { attributeName, attributeTexts, type AttributeName } from '../template.ts'

/** What nobody is told of a key that is not public. */
const sensitive = new Set<AttributeName>(sensitiveAttributes)

/** Value of `CKA_KEY_GEN_MECHANISM` for a key that was not generated here (PKCS #11, CK_UNAVAILABLE_INFORMATION). */
const UNAVAILABLE = 0xffff_ffffn

export function getAttributeValue(
  { object, attributes }: CallRequest<'GetAttributeValue'>,
  call: Call,
): CallAnswer<'GetAttributeValue'> {
  if (attributes.length > TEMPLATE_ENTRIES_MAX) {
    throw new Ep11Error('CKR_ARGUMENTS_BAD', `At once ${TEMPLATE_ENTRIES_MAX} attributes are told.`)
  }
  call.facts.request.attributeNames = attributeTexts(attributes)
  const key = openMaced(call, object)
  const known = attributesOf(key, object)
  const answer = new Map<number, AttributeValue>()
  for (const type of attributes) {
    const name = attributeName(type)
    if (name !== undefined && key.class !== 'public' && sensitive.has(name)) {
      throw new Ep11Error('CKR_ATTRIBUTE_SENSITIVE', `${name} of a key does not leave the crypto unit.`)
    }
    const value = name === undefined ? undefined : known.get(name)
    if (value === undefined) {
      throw new Ep11Error('CKR_ATTRIBUTE_TYPE_INVALID', `The key has no attribute ${name ?? `0x${type.toString(16)}`}.`)
    }
    answer.set(type, value)
  }
  return { attributes: answer }
}

export function setAttributeValue(
  { object, attributes }: CallRequest<'SetAttributeValue'>,
  call: Call,
): CallAnswer<'SetAttributeValue'> {
  call.facts.request.attributeNames = changeTexts(attributes)
  const key = openMaced(call, object)
  const bits = changedBits(key.bits, key.class, key.keyType, attributes)
  const changed =
    key.class === 'public'
      ? makePublicObject({ ...key, bits }, call.instance, workplaceOf(call).master)
      : sealAgain(call, { ...key, bits })
  call.facts.response.newKeyFingerprint = fingerprintOf(changed)
  return { object: changed }
}

/** A key blob, or a public key object that a unit vouches for. @throws Ep11Error `CKR_OBJECT_HANDLE_INVALID` */
function openMaced(call: Call, object: Buffer): OpenedKey {
  const key = openObject(call, object, 'keyFingerprint', 'CKR_OBJECT_HANDLE_INVALID')
  if (key.class !== 'public' || key.isMaced) return key
  throw new Ep11Error('CKR_OBJECT_HANDLE_INVALID', 'A bare SPKI has no attributes.')
}

/** All that can be told of a key. */
export function attributesOf(key: OpenedKey, object: Buffer): ReadonlyMap<AttributeName, AttributeValue> {
  const isPublicKey = key.class === 'public'
  const known = new Map<AttributeName, AttributeValue>([
    ['CKA_CLASS', BigInt(classValue(key.class))],
    ['CKA_TOKEN', false],
    ['CKA_PRIVATE', !isPublicKey],
    ['CKA_KEY_TYPE', BigInt(key.keyType)],
  ])
  for (const name of Object.keys(bitAttributes) as BitAttribute[]) {
    known.set(name, (key.bits & attributeBits[bitAttributes[name]]) !== 0)
  }
  if (key.wkid !== undefined) known.set('CKA_GREP11_WKID', key.wkid)
  if (isPublicKey) known.set('CKA_IBM_MACED_PUBLIC_KEY_INFO', object)
  else {
    const isLocal = (key.bits & attributeBits.LOCAL) !== 0
    known.set('CKA_SENSITIVE', true)
    known.set('CKA_ALWAYS_SENSITIVE', isLocal)
    known.set('CKA_KEY_GEN_MECHANISM', key.generatedBy === undefined ? UNAVAILABLE : BigInt(key.generatedBy))
  }
  for (const [name, value] of materialAttributes(key)) known.set(name, value)
  return known
}

/** With the new value of each boolean: `CKA_WRAP:true`. */
function changeTexts(changes: Template): string[] {
  const texts = attributeTexts(changes.keys())
  return [...changes.values()].map((value, index) => {
    const text = texts[index] ?? ''
    const byte = Buffer.isBuffer(value) && value.length === 1 ? value[0] === 1 : undefined
    const told = typeof value === 'boolean' ? value : byte
    return told === undefined ? text : `${text}:${told}`
  })
}
