/** Create Key Pair: a new pair whose private key is made inside of the crypto unit, and stays there (KMIP 1.4, section 4.2). */
import type { KeyPairKind } from '@keywitness/crypto-unit/key-pair-kind'
import { Refusal } from '../../errors.ts'
import { attributeValue, type Attributes, instancesOf, numberOf, put } from '../attributes/attribute-set.ts'
import { invalid } from '../attributes/attribute-values.ts'
import type { Fields } from '../message/fields.ts'
import { atLeast, type Version } from '../message/version.ts'
import { encodingOf, type Family, familyOf, newPairFormats, publicMaterial } from '../objects/asymmetric-formats.ts'
import { curveOfLength, curveOfNumber, numberOfCurve } from '../objects/curves.ts'
import { digestOfMaterial } from '../objects/key-block.ts'
import { type ObjectType, objectTypes } from '../objects/kmip-object.ts'
import { makePair, type MaterialName, requireRoot, sealMaterial } from '../objects/material.ts'
import { enumerations, usageMask } from '../ttlv/enumerations.ts'
import { text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem, KmipOperation } from './item.ts'
import { curveGiven, withCurve } from './key-halves.ts'
import { linkedTo } from './links.ts'
import { nameText, requireFreeNames } from './names.ts'
import { completed, namesOf, newIdentifier, noteWishes } from './new-object.ts'
import { stampOf } from './object-of-item.ts'
import { requireRoom } from './room.ts'
import { over, readTemplateAttribute } from './template-attribute.ts'

const { PublicKey, PrivateKey } = objectTypes
const { PublicKeyLink, PrivateKeyLink } = enumerations.LinkType

/** Moduli of new keys, bits: what is shorter is not safe any more (NIST SP 800-131A). */
const modulusBits: ReadonlySet<number> = new Set([2_048, 3_072, 4_096])

/** What a client of 1.4 may leave out: the uses that a pair of the family is for. */
const defaultMasks: Readonly<Record<Family, { readonly privateKey: number; readonly publicKey: number }>> = {
  RSA: { privateKey: usageMask.Sign | usageMask.Decrypt, publicKey: usageMask.Verify | usageMask.Encrypt },
  EC: { privateKey: usageMask.Sign, publicKey: usageMask.Verify },
}

interface Wish {
  readonly family: Family
  readonly kind: KeyPairKind
  readonly privateKey: Attributes
  readonly publicKey: Attributes
}

export const createKeyPair: KmipOperation = async (payload, item, parts) => {
  const { call, seen, workspace } = item
  seen.request.objectType = 'PrivateKey'
  const wish = wishOf(readHalves(payload, item), call.version)
  noteHalves(wish.privateKey, wish.publicKey, item)
  requireFreeNames(wish.privateKey, item)
  requireFreeNames(wish.publicKey, item)
  requireDistinctNames(wish)
  requireRoom(item, parts, 2)
  seen.response.rootKeyId = call.adapter.crk
  const root = requireRoot('seal', call.adapter, call.now, parts)
  const formats = newPairFormats[wish.family]
  const nameOfHalf = (type: ObjectType): MaterialName => ({
    instance: call.instance.guid,
    adapter: call.adapter.id,
    id: newIdentifier(call.now),
    type,
    created: stampOf(call),
  })
  const [privateName, publicName] = [nameOfHalf(PrivateKey), nameOfHalf(PublicKey)]
  const made = await makePair(root, privateName, wish.kind, encodingOf(PrivateKey, formats.privateKey), parts)
  const publicForm = { format: formats.publicKey }
  const material = publicMaterial(formats.publicKey, made.publicKey)
  const publicDigest = digestOfMaterial(publicForm, material)
  const sealed = await sealMaterial(root, publicName, material, parts)
  workspace.require(root.condition)
  const publicKey = completed(
    {
      isMadeHere: true,
      id: publicName.id,
      type: PublicKey,
      form: publicForm,
      material: sealed,
      sha256: publicDigest,
      attributes: linkedTo(wish.publicKey, PrivateKeyLink, privateName.id),
    },
    item,
  )
  const privateKey = completed(
    {
      isMadeHere: true,
      id: privateName.id,
      type: PrivateKey,
      form: { format: formats.privateKey },
      material: made.material,
      sha256: made.sha256,
      attributes: linkedTo(wish.privateKey, PublicKeyLink, publicName.id),
    },
    item,
  )
  // The event is about the private key, which was noted last.
  seen.response.publicKeyId = publicKey.id
  workspace.add(publicKey)
  workspace.add(privateKey)
  item.batch.placeholder = privateKey.id
  return [text(tags.PrivateKeyUniqueIdentifier, privateKey.id), text(tags.PublicKeyUniqueIdentifier, publicKey.id)]
}

/** Common attributes are of both halves, and a half's own go over them. */
function readHalves(payload: Fields, item: KmipItem): { privateKey: Attributes; publicKey: Attributes } {
  const common = payload.optional(tags.CommonTemplateAttribute, 'Structure')
  const privateOwn = payload.optional(tags.PrivateKeyTemplateAttribute, 'Structure')
  const publicOwn = payload.optional(tags.PublicKeyTemplateAttribute, 'Structure')
  payload.end()
  const privateKey = over(
    readTemplateAttribute(common, PrivateKey, item),
    readTemplateAttribute(privateOwn, PrivateKey, item),
  )
  noteHalves(privateKey, [], item)
  const publicKey = over(
    readTemplateAttribute(common, PublicKey, item),
    readTemplateAttribute(publicOwn, PublicKey, item),
  )
  noteHalves(privateKey, publicKey, item)
  return { privateKey, publicKey }
}

function noteHalves(privateKey: Attributes, publicKey: Attributes, item: KmipItem): void {
  noteWishes(PrivateKey, privateKey, item)
  const { request } = item.seen
  const mask = numberOf(publicKey, 'Cryptographic Usage Mask')
  if (mask !== undefined) request.publicKeyUsageMask = mask
  const both = [...privateKey, ...publicKey]
  if (both.length > 0) request.attributeNames = namesOf(both)
}

/** @throws Refusal `KMIP_INVALID_FIELD` */
function wishOf({ privateKey, publicKey }: { privateKey: Attributes; publicKey: Attributes }, version: Version): Wish {
  const algorithm = same(
    numberOf(privateKey, 'Cryptographic Algorithm'),
    numberOf(publicKey, 'Cryptographic Algorithm'),
  )
  if (algorithm === undefined) throw invalid('A key pair needs a Cryptographic Algorithm.')
  const family = familyOf(algorithm)
  if (family === undefined) throw invalid('Key pairs of this algorithm are not served.')
  const length = same(numberOf(privateKey, 'Cryptographic Length'), numberOf(publicKey, 'Cryptographic Length'))
  const curve = same(curveGiven(privateKey), curveGiven(publicKey))
  const size = family === 'RSA' ? rsaOf(length) : ecOf(length, curve)
  const half = (attributes: Attributes, mask: number): Attributes => {
    let all = put(attributes, 'Cryptographic Algorithm', attributeValue.enumeration(algorithm))
    all = put(all, 'Cryptographic Length', attributeValue.integer(size.bits))
    return withCurve(withMask(all, mask, version), size.curve)
  }
  const masks = defaultMasks[family]
  return {
    family,
    kind: size.kind,
    privateKey: half(privateKey, masks.privateKey),
    publicKey: half(publicKey, masks.publicKey),
  }
}

interface Size {
  readonly kind: KeyPairKind
  readonly bits: number
  /** Recommended Curve. */
  readonly curve: number | undefined
}

function rsaOf(length: number | undefined): Size {
  if (length === undefined) throw invalid('A key needs a Cryptographic Length.')
  if (!modulusBits.has(length)) throw invalid('New RSA keys have 2048, 3072 or 4096 bits.')
  return { kind: { type: 'rsa', modulusBits: length }, bits: length, curve: undefined }
}

/** The curve that is named, or that of NIST which has the length. */
function ecOf(length: number | undefined, named: number | undefined): Size {
  if (length === undefined && named === undefined) throw invalid('A key needs a Cryptographic Length or a curve.')
  const curve = named === undefined ? curveOfLength(length ?? 0) : curveOfNumber(named)
  if (curve === undefined) throw invalid('The curve is not served.')
  if (length !== undefined && length !== curve.bits) throw invalid('The curve is of another length.')
  return { kind: { type: 'ec', curve: curve.name }, bits: curve.bits, curve: numberOfCurve(curve) }
}

function withMask(attributes: Attributes, mask: number, version: Version): Attributes {
  if (numberOf(attributes, 'Cryptographic Usage Mask') !== undefined) return attributes
  if (!atLeast(version, 4)) throw invalid('Each key of a pair needs a Cryptographic Usage Mask.')
  return put(attributes, 'Cryptographic Usage Mask', attributeValue.integer(mask))
}

/** What must be the same of both halves, where both say it. */
function same(one: number | undefined, other: number | undefined): number | undefined {
  if (one !== undefined && other !== undefined && one !== other) {
    throw invalid('Both keys of a pair have the same algorithm, length and curve.')
  }
  return one ?? other
}

/** @throws Refusal `KMIP_NAME_TAKEN` when both halves would have a name */
function requireDistinctNames({ privateKey, publicKey }: Wish): void {
  const taken = new Set(instancesOf(privateKey, 'Name').map(({ value }) => nameText(value)))
  if (instancesOf(publicKey, 'Name').some(({ value }) => taken.has(nameText(value)))) {
    throw new Refusal('KMIP_NAME_TAKEN', { message: 'Both keys of the pair would have the same name.' })
  }
}
