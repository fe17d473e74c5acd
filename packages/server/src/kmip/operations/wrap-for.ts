/** Key Wrapping Specification: which key of the adapter wraps what Get answers, and how (KMIP 1.4, sections 2.1.5, 2.1.6). */
import { Refusal } from '../../errors.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { numberOf } from '../attributes/attribute-set.ts'
import type { Fields } from '../message/fields.ts'
import { isDestroyed, type KmipObject, objectTypes } from '../objects/kmip-object.ts'
import { type Root, sealedKey } from '../objects/material.ts'
import { requireProtecting } from '../objects/states.ts'
import { enumerations, usageMask } from '../ttlv/enumerations.ts'
import { enumeration, type StructureItem, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { fromKeyUse } from './key-use.ts'
import { type KmipItem, type KmipOperationParts, secondsOf } from './item.ts'
import { identifier } from './object-of-item.ts'

const { NISTKeyWrap, AESKeyWrapPadding } = enumerations.BlockCipherMode

export interface Wrapping {
  readonly key: KmipObject
  readonly mode: 'NISTKeyWrap' | 'AESKeyWrapPadding'
  /** The material alone is wrapped, not the TTLV of its Key Value. */
  readonly isBare: boolean
  /** What the response says of it. */
  readonly data: StructureItem
}

/** @throws Refusal `KMIP_ITEM_NOT_FOUND`, `KMIP_ILLEGAL_OPERATION`, `KMIP_FEATURE_NOT_SUPPORTED`, `KMIP_ENCODING_OPTION` */
export function readWrapping(specification: Fields, item: KmipItem): Wrapping {
  const method = specification.required(tags.WrappingMethod, 'Enumeration', 'InvalidField')
  const information = specification.optionalStructure(tags.EncryptionKeyInformation)
  const hasMac = specification.optional(tags.MACSignatureKeyInformation, 'Structure') !== undefined
  const attributeNames = specification.many(tags.AttributeName, 'TextString')
  const encoding = specification.optional(tags.EncodingOption, 'Enumeration')
  specification.end()
  if (method !== enumerations.WrappingMethod.Encrypt || hasMac) {
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'Keys are wrapped by encrypting them only.' })
  }
  if (information === undefined) throw invalid('The key to wrap with is missing.')
  const isBare = encoding === enumerations.EncodingOption.NoEncoding
  if (attributeNames.length > 0) {
    if (isBare) throw new Refusal('KMIP_ENCODING_OPTION')
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'Attributes are not wrapped with a key.' })
  }
  const id = information.required(tags.UniqueIdentifier, 'TextString', 'InvalidField')
  const mode = modeOf(information.optionalStructure(tags.CryptographicParameters, { anyOrder: true }))
  information.end()
  // Not noted: the event is about what is wrapped.
  const key = item.workspace.find(id)
  if (key === undefined) throw new Refusal('KMIP_ITEM_NOT_FOUND')
  requireWrappingKey(key, item)
  const parameters = structure(tags.CryptographicParameters, [
    enumeration(tags.BlockCipherMode, enumerations.BlockCipherMode[mode]),
  ])
  const data = structure(tags.KeyWrappingData, [
    enumeration(tags.WrappingMethod, method),
    structure(tags.EncryptionKeyInformation, [identifier(key.id), parameters]),
    ...(encoding === undefined ? [] : [enumeration(tags.EncodingOption, encoding)]),
  ])
  return { key, mode, isBare, data }
}

function modeOf(parameters: Fields | undefined): Wrapping['mode'] {
  const mode = parameters?.optional(tags.BlockCipherMode, 'Enumeration') ?? NISTKeyWrap
  if (mode === NISTKeyWrap) return 'NISTKeyWrap'
  if (mode === AESKeyWrapPadding) return 'AESKeyWrapPadding'
  throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'Keys are wrapped as RFC 3394 and RFC 5649 say only.' })
}

function requireWrappingKey(key: KmipObject, { call }: KmipItem): void {
  if (isDestroyed(key)) throw new Refusal('KMIP_ITEM_NOT_FOUND')
  if (key.type !== objectTypes.SymmetricKey || key.form.wrapping !== undefined) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'Only a plain symmetric key can wrap another.' })
  }
  if (((numberOf(key.attributes, 'Cryptographic Usage Mask') ?? 0) & usageMask.WrapKey) === 0) {
    throw new Refusal('KMIP_NOT_PERMITTED', { message: 'The usage mask of the key does not allow it to wrap.' })
  }
  // The bytes of another algorithm's key would do as well, but it is not what they are for.
  if (numberOf(key.attributes, 'Cryptographic Algorithm') !== enumerations.CryptographicAlgorithm.AES) {
    throw new Refusal('KMIP_NOT_PERMITTED', { message: 'Only an AES key wraps another.' })
  }
  requireProtecting(key, secondsOf(call))
}

/** Wraps inside of the crypto unit. @throws Refusal `KMIP_CRYPTOGRAPHIC_FAILURE` */
export async function wrapFor(
  { key, mode }: Wrapping,
  plain: Uint8Array,
  root: Root,
  { workspace }: KmipItem,
  parts: KmipOperationParts,
): Promise<Uint8Array> {
  workspace.relyOn(key)
  const use = { what: 'encrypt', algorithm: 'AES', mode, padding: 'None', data: plain } as const
  return (await fromKeyUse(parts.unit.apply(sealedKey(root, key, parts), use))).data
}
