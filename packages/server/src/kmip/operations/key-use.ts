/** What operations that use a key share: the key that may do it, and the words of the crypto unit's refusals. */
import { Refusal } from '../../errors.ts'
import { fromUnit } from '../../keys/refusals.ts'
import type { SealedKey } from '../../units/unit-client.ts'
import { UnitRefusal } from '../../units/unit-client.ts'
import { numberOf, valueOf } from '../attributes/attribute-set.ts'
import { cryptographicParameterFields } from '../attributes/attribute-spec.ts'
import type { Fields } from '../message/fields.ts'
import { isDestroyed, type KmipObject, type ObjectType, objectTypes } from '../objects/kmip-object.ts'
import { requireRoot, sealedKey } from '../objects/material.ts'
import { requireProcessing, requireProtecting } from '../objects/states.ts'
import type { Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipItem, type KmipOperationParts, secondsOf } from './item.ts'
import { objectOfItem } from './object-of-item.ts'

/** What the crypto unit takes at once, bytes; what it made of that may be a block longer. */
const dataBytesMax = 64 * 1024
const blockBytes = 16
/** Vectors and tags that it takes; no mode has as long a one. */
const shortBytesMax = 255

export interface UsableObject {
  readonly object: KmipObject
  readonly algorithm: number
  /** Of the request, or else the key's own first ones (KMIP 1.4, section 4.29). */
  readonly parameters: Parameters
}

/** Cryptographic Parameters that were given, by tag. */
export type Parameters = ReadonlyMap<number, Item>

/**
 * Reads the key and the parameters. What the request holds besides is the operation's to read.
 * @param types of objects that do this
 * @throws Refusal `KMIP_ITEM_NOT_FOUND`, `KMIP_ILLEGAL_OPERATION`, `KMIP_INVALID_FIELD`
 */
export function keyToUse(
  payload: Fields,
  item: KmipItem,
  types: readonly ObjectType[] = [objectTypes.SymmetricKey],
): UsableObject {
  const object = objectOfItem(payload, item)
  if (isDestroyed(object)) throw new Refusal('KMIP_ITEM_NOT_FOUND')
  if (!types.includes(object.type) || object.form.wrapping !== undefined) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'Only a plain key of another kind can be used so.' })
  }
  return usableWith(object, payload.optional(tags.CryptographicParameters, 'Structure')?.value)
}

/**
 * A key with the parameters that a request gives, if it gives any.
 * @throws Refusal `KMIP_INVALID_FIELD`
 */
export function usableWith(object: KmipObject, sent: readonly Item[] | undefined): UsableObject {
  const own = valueOf(object.attributes, 'Cryptographic Parameters')
  const items = sent ?? (own?.type === 'Structure' ? own.value : [])
  const parameters = new Map<number, Item>()
  for (const parameter of items) {
    const field = cryptographicParameterFields.find(({ tag }) => tag === parameter.tag)
    if (field === undefined || field.type !== parameter.type || parameters.has(parameter.tag)) {
      throw new Refusal('KMIP_INVALID_FIELD', { message: 'A cryptographic parameter is not valid.' })
    }
    parameters.set(parameter.tag, parameter)
  }
  return { object, algorithm: numberOf(object.attributes, 'Cryptographic Algorithm') ?? 0, parameters }
}

export function parameterOf(parameters: Parameters, tag: number): number | undefined {
  const item = parameters.get(tag)
  return item?.type === 'Enumeration' || item?.type === 'Integer' ? item.value : undefined
}

/** Operations in several parts are not served: Init, Final and Correlation Value (KMIP 1.3) mean one whole or nothing. */
export function requireOnePart(payload: Fields): void {
  const correlation = payload.optional(tags.CorrelationValue, 'ByteString')
  const init = payload.optional(tags.InitIndicator, 'Boolean')
  const final = payload.optional(tags.FinalIndicator, 'Boolean')
  if (correlation !== undefined || init === true || final === false) {
    throw new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message: 'Operations in several parts are not supported.' })
  }
}

export function requireData(data: Uint8Array, isEncrypted = false): void {
  if (data.length <= dataBytesMax + (isEncrypted ? blockBytes : 0)) return
  throw new Refusal('KMIP_INVALID_FIELD', { message: 'At most 64 KiB are taken at once.' })
}

/** Initialisation vectors and tags that were sent, and the length of a tag that is asked for. */
export function requireShort(...given: readonly (Uint8Array | number | undefined)[]): void {
  for (const one of given) {
    const bytes = typeof one === 'object' ? one.length : (one ?? 1)
    if (bytes < 1 || bytes > shortBytesMax) throw new Refusal('KMIP_CRYPTOGRAPHIC_FAILURE')
  }
}

/**
 * The key for the crypto unit, once its state, its usage mask and its root key allow the use.
 * @throws Refusal `KMIP_NOT_PERMITTED`, `KMIP_WRONG_STATE`, `KMIP_ROOT_KEY_UNAVAILABLE`
 */
export function admitKeyUse(
  { object }: UsableObject,
  kind: 'protect' | 'process',
  mask: number,
  item: KmipItem,
  parts: KmipOperationParts,
): SealedKey {
  const { call, seen, workspace } = item
  seen.response.kmipState = object.state
  if (((numberOf(object.attributes, 'Cryptographic Usage Mask') ?? 0) & mask) === 0) {
    throw new Refusal('KMIP_NOT_PERMITTED', { message: 'The usage mask of the key does not allow this.' })
  }
  if (kind === 'protect') requireProtecting(object, secondsOf(call))
  else requireProcessing(object, secondsOf(call))
  seen.response.rootKeyId = call.adapter.crk
  const root = requireRoot('open', call.adapter, call.now, parts)
  workspace.require(root.condition)
  workspace.relyOn(object)
  return sealedKey(root, object, parts)
}

/** @throws Refusal `KMIP_CRYPTOGRAPHIC_FAILURE` for whatever does not fit or open: one text, which tells nothing apart */
export async function fromKeyUse<T>(answer: Promise<T>): Promise<T> {
  try {
    return await fromUnit(answer)
  } catch (error) {
    const isUnfit = error instanceof UnitRefusal && (error.code === 'INVALID' || error.code === 'LIMIT')
    const isAltered = error instanceof Refusal && error.code === 'UNPROCESSABLE_CIPHERTEXT_ERR'
    if (isUnfit || isAltered) throw new Refusal('KMIP_CRYPTOGRAPHIC_FAILURE', { cause: error })
    throw error
  }
}
