/** Key pairs for tests: payloads that make and register them, what Get gives, and parameters of their uses. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { enumerations } from '../ttlv/enumerations.ts'
import { bytes, enumeration, integer, type Item, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { Client } from './kmip-house.ts'
import { attribute, type SendOptions, uid, uidOf, valueAt } from './messages.ts'
import { type BlockWish, bytesAt, keyBlock, template } from './payloads.ts'

const { CryptographicAlgorithm, HashingAlgorithm, KeyFormatType, ObjectType, PaddingMethod, RecommendedCurve } =
  enumerations

export interface PairIds {
  readonly privateKey: string
  readonly publicKey: string
}

export interface PairWish {
  readonly algorithm?: keyof typeof CryptographicAlgorithm
  readonly length?: number
  readonly curve?: keyof typeof RecommendedCurve
  readonly privateMask?: number
  readonly publicMask?: number
  readonly common?: readonly Item[]
  readonly privateOwn?: readonly Item[]
  readonly publicOwn?: readonly Item[]
}

export function curveAttribute(curve: keyof typeof RecommendedCurve): Item {
  const parameters = structure(0, [enumeration(tags.RecommendedCurve, RecommendedCurve[curve])])
  return attribute('Cryptographic Domain Parameters', parameters)
}

/** Payload of Create Key Pair: on P-256 for signatures, unless the wish says otherwise. */
export function pairPayload(wish: PairWish = {}): Item[] {
  const { algorithm = 'EC', length, curve, privateMask = 1, publicMask = 2 } = wish
  const mask = (value: number) => attribute('Cryptographic Usage Mask', integer(0, value))
  const as = (tag: number, items: readonly Item[]): Item => ({ ...template(...items), tag })
  const isSized = length !== undefined || curve !== undefined
  return [
    as(tags.CommonTemplateAttribute, [
      attribute('Cryptographic Algorithm', enumeration(0, CryptographicAlgorithm[algorithm])),
      ...(isSized && length === undefined ? [] : [attribute('Cryptographic Length', integer(0, length ?? 256))]),
      ...(curve === undefined ? [] : [curveAttribute(curve)]),
      ...(wish.common ?? []),
    ]),
    as(tags.PrivateKeyTemplateAttribute, [mask(privateMask), ...(wish.privateOwn ?? [])]),
    as(tags.PublicKeyTemplateAttribute, [mask(publicMask), ...(wish.publicOwn ?? [])]),
  ]
}

export async function createPair(client: Client, wish: PairWish = {}, options?: SendOptions): Promise<PairIds> {
  const fields = await client.ask('CreateKeyPair', pairPayload(wish), options)
  return {
    privateKey: textAt(fields, tags.PrivateKeyUniqueIdentifier),
    publicKey: textAt(fields, tags.PublicKeyUniqueIdentifier),
  }
}

/** The text of the first field with a tag. */
export function textAt(fields: readonly Item[], tag: number): string {
  const value = valueAt(fields, tag)
  if (typeof value !== 'string') throw new Error('there is no such text')
  return value
}

/** Both halves active. */
export async function activePair(client: Client, wish: PairWish = {}): Promise<PairIds> {
  const pair = await createPair(client, wish)
  for (const id of [pair.privateKey, pair.publicKey]) await client.ask('Activate', [uid(id)])
  return pair
}

/** Payload of Register for a half of a pair. */
export function halfPayload(
  half: 'PublicKey' | 'PrivateKey',
  material: Uint8Array | Item | undefined,
  wish: BlockWish & { readonly format: keyof typeof KeyFormatType },
  mask: number,
  attributes: readonly Item[] = [],
): Item[] {
  const block =
    material instanceof Uint8Array || material === undefined ? keyBlock(material, wish) : blockOf(material, wish)
  return [
    enumeration(tags.ObjectType, ObjectType[half]),
    template(attribute('Cryptographic Usage Mask', integer(0, mask)), ...attributes),
    structure(tags[half], [block]),
  ]
}

function blockOf(material: Item, { format }: { readonly format: keyof typeof KeyFormatType }): Item {
  return structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, KeyFormatType[format]),
    structure(tags.KeyValue, [{ ...material, tag: tags.KeyMaterial }]),
  ])
}

/** Registers a half, and activates it. */
export async function activeHalf(
  client: Client,
  half: 'PublicKey' | 'PrivateKey',
  key: KeyObject,
  mask: number,
  attributes: readonly Item[] = [],
): Promise<string> {
  const isPrivate = half === 'PrivateKey'
  const der = isPrivate ? key.export({ format: 'der', type: 'pkcs8' }) : key.export({ format: 'der', type: 'spki' })
  const payload = halfPayload(half, der, { format: isPrivate ? 'PKCS_8' : 'X_509' }, mask, attributes)
  const id = uidOf(await client.ask('Register', payload))
  await client.ask('Activate', [uid(id)])
  return id
}

/** What Get gives of a half, in a format. */
export async function gotHalf(client: Client, id: string, format: keyof typeof KeyFormatType): Promise<KeyObject> {
  const fields = await client.ask('Get', [uid(id), enumeration(tags.KeyFormatType, KeyFormatType[format])])
  const key = bytesAt(fields, tags.KeyMaterial)
  if (format === 'X_509') return createPublicKey({ key, format: 'der', type: 'spki' })
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

export interface ParameterWish {
  readonly padding?: keyof typeof PaddingMethod
  readonly hash?: keyof typeof HashingAlgorithm
  readonly signature?: keyof typeof enumerations.DigitalSignatureAlgorithm
  readonly algorithm?: keyof typeof CryptographicAlgorithm
  readonly salt?: number
  readonly maskHash?: keyof typeof HashingAlgorithm
  readonly source?: Uint8Array
  readonly trailer?: number
}

/** Cryptographic Parameters. */
export function parametersOf(wish: ParameterWish): Item {
  const { padding, hash, signature, algorithm, salt, maskHash, source, trailer } = wish
  const one = (tag: number, value: number | undefined): Item[] => (value === undefined ? [] : [enumeration(tag, value)])
  return structure(tags.CryptographicParameters, [
    ...one(tags.PaddingMethod, padding && PaddingMethod[padding]),
    ...one(tags.HashingAlgorithm, hash && HashingAlgorithm[hash]),
    ...one(tags.DigitalSignatureAlgorithm, signature && enumerations.DigitalSignatureAlgorithm[signature]),
    ...one(tags.CryptographicAlgorithm, algorithm && CryptographicAlgorithm[algorithm]),
    ...(salt === undefined ? [] : [integer(tags.SaltLength, salt)]),
    ...one(tags.MaskGeneratorHashingAlgorithm, maskHash && HashingAlgorithm[maskHash]),
    ...(source === undefined ? [] : [bytes(tags.PSource, source)]),
    ...(trailer === undefined ? [] : [integer(tags.TrailerField, trailer)]),
  ])
}
