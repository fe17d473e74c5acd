/** Reading the bodies of the key API: member names in any letter case, `null` as absent, everything bounded. */
import { Refusal } from '../errors.ts'
import { type JsonObject, type JsonValue, isJsonObject, memberOf } from '../http/json.ts'
import { fromBase64 } from './base64.ts'
import { parseCiphertext } from './ciphertext.ts'
import type { CreateWish, Material } from './create.ts'
import { parseDate } from './date.ts'
import { keyLimits } from './limits.ts'
import { badField } from './refusals.ts'
import type { RotateWish } from './rotate.ts'
import type { UnwrapWish } from './unwrap.ts'
import type { WrapWish } from './wrap.ts'

/** `type` of a key resource. */
export const keyMediaType = 'application/vnd.ibm.kms.key+json'

/** Members of a key resource (reference section 6.1), lower case. Those a server sets itself are taken and ignored. */
const keyMembers = new Set(
  `type id name aliases description tags state expirationDate extractable crn imported keyRingID creationDate createdBy
  algorithmType algorithmMetadata algorithmBitSize algorithmMode nonactiveStateReason lastUpdateDate lastRotateDate
  keyVersion deleted deletionDate deletedBy restoreAllowed restoreExpirationDate purgeAllowed purgeAllowedFrom
  purgeScheduledOn payload encryptionAlgorithm encryptedNonce iv`
    .toLowerCase()
    .split(/\s+/),
)

/**
 * The body of a key creation: an envelope with exactly one key.
 * @throws Refusal `BAD_BODY_ERR` for another shape, `INVALID_FIELD_ERR` naming the member
 */
export function parseCreate(body: JsonValue | undefined): CreateWish {
  const key = onlyResource(body)
  for (const name of Object.keys(key)) {
    if (!keyMembers.has(name.toLowerCase())) {
      throw new Refusal('BAD_BODY_ERR', { message: 'The key has a member that is not known here.' })
    }
  }
  if (textOf(key, 'type') !== keyMediaType) throw badField('type', `The type of a key is ${keyMediaType}.`)
  refuseSecureImport(key)
  const aliases = memberOf(key, 'aliases') ?? []
  if (!Array.isArray(aliases) || aliases.length > 0) throw badField('aliases', 'A key cannot be given an alias here.')
  const extractable = flagOf(key, 'extractable') ?? true
  return {
    name: requiredName(key),
    description: boundedText(key, 'description', keyLimits.descriptionLength),
    tags: tagsOf(key),
    extractable,
    expiresAt: dateOf(key, 'expirationDate'),
    material: extractable ? standardMaterial(key) : rootMaterial(key),
  }
}

/** The body of a wrap; none, or no plaintext in it, asks for a data key made by the unit. */
export function parseWrap(body: JsonValue | undefined): WrapWish {
  const members = optionalMembers(body)
  const text = textOf(members, 'plaintext') ?? ''
  if (text === '') return { plaintext: undefined, aad: aadOf(members) }
  const plaintext = text.length > keyLimits.plaintextLength ? undefined : fromBase64(text)
  if (plaintext === undefined) {
    throw badField('plaintext', `The plaintext must be base64 of at most ${keyLimits.plaintextLength} characters.`)
  }
  return { plaintext, aad: aadOf(members) }
}

/**
 * The body of an unwrap or a rewrap.
 * @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR`, `UNPROCESSABLE_CIPHERTEXT_ERR`
 */
export function parseUnwrap(body: JsonValue | undefined): UnwrapWish {
  if (body === undefined) throw new Refusal('NO_BODY_ERR')
  const members = optionalMembers(body)
  const text = textOf(members, 'ciphertext')
  if (text === undefined) throw badField('ciphertext', 'The ciphertext is missing.')
  return { aad: aadOf(members), wrapping: parseCiphertext(text) }
}

/** The body of a rotation: none, or the new material of an imported key. */
export function parseRotate(body: JsonValue | undefined): RotateWish {
  const members = optionalMembers(body)
  refuseSecureImport(members)
  return { material: rootMaterial(members) }
}

function optionalMembers(body: JsonValue | undefined): JsonObject {
  if (body === undefined) return {}
  if (!isJsonObject(body)) throw new Refusal('BAD_BODY_ERR')
  return body
}

/** The one resource of an envelope `{metadata: {collectionType, collectionTotal}, resources: […]}`. */
function onlyResource(body: JsonValue | undefined): JsonObject {
  if (body === undefined) throw new Refusal('NO_BODY_ERR')
  if (!isJsonObject(body)) throw new Refusal('BAD_BODY_ERR')
  const metadata = memberOf(body, 'metadata')
  const resources = memberOf(body, 'resources')
  if (!isJsonObject(metadata) || !Array.isArray(resources)) {
    throw new Refusal('BAD_BODY_ERR', { message: 'The body needs metadata and a list of resources.' })
  }
  const collectionType = memberOf(metadata, 'collectionType')
  if (typeof collectionType !== 'string' || collectionType === '') {
    throw new Refusal('BAD_BODY_ERR', { message: 'The metadata has no collectionType.' })
  }
  const total = memberOf(metadata, 'collectionTotal') ?? null
  const [only] = resources as readonly JsonValue[]
  if (resources.length !== 1 || !isJsonObject(only) || (total !== null && total !== 1)) {
    throw new Refusal('BAD_BODY_ERR', { message: 'The body must hold exactly one resource, and say so.' })
  }
  return only
}

/** Secure import needs an import token, and no instance has one. */
function refuseSecureImport(members: JsonObject): void {
  for (const name of ['encryptedNonce', 'iv', 'encryptionAlgorithm']) {
    if ((textOf(members, name) ?? '') === '') continue
    throw badField(name, 'Encrypted material needs an import token, and this instance has none.')
  }
}

/** A text member; `null` and a missing one are undefined. */
function textOf(members: JsonObject, name: string): string | undefined {
  const value = memberOf(members, name) ?? undefined
  if (value !== undefined && typeof value !== 'string') throw badField(name, `${name} must be a string.`)
  return value
}

function flagOf(members: JsonObject, name: string): boolean | undefined {
  const value = memberOf(members, name) ?? undefined
  if (value !== undefined && typeof value !== 'boolean') throw badField(name, `${name} must be true or false.`)
  return value
}

function dateOf(members: JsonObject, name: string): number | undefined {
  const text = textOf(members, name)
  if (text === undefined) return undefined
  const date = parseDate(text)
  if (date === undefined) throw badField(name, `${name} must be a date and time as in RFC 3339.`)
  return date
}

/** Counts characters, not UTF-16 units, as the published limits do. */
function isBetween(text: string, min: number, max: number): boolean {
  if (text.length > 2 * max) return false
  const characters = Array.from(text).length
  return characters >= min && characters <= max
}

/** Control characters, and those that break or turn a line: in a list or a log they could make it say something else. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

function boundedText(members: JsonObject, name: string, bounds: { min: number; max: number }): string | undefined {
  const text = textOf(members, name)
  if (text !== undefined && (!isBetween(text, bounds.min, bounds.max) || unprintable.test(text))) {
    throw badField(
      name,
      `${name} must have ${bounds.min} to ${bounds.max} characters, none of them a control character.`,
    )
  }
  return text
}

function requiredName(key: JsonObject): string {
  const name = boundedText(key, 'name', keyLimits.nameLength)
  if (name === undefined) throw badField('name', 'A key needs a name.')
  return name
}

function listOf(members: JsonObject, name: string): readonly JsonValue[] {
  const list = memberOf(members, name) ?? []
  if (!Array.isArray(list)) throw badField(name, `${name} must be a list of strings.`)
  return list as readonly JsonValue[]
}

function tagsOf(key: JsonObject): string[] {
  const tags = listOf(key, 'tags')
  if (tags.length > keyLimits.tags) throw badField('tags', `A key has at most ${keyLimits.tags} tags.`)
  return tags.map((tag) => {
    if (
      typeof tag === 'string' &&
      isBetween(tag, 1, keyLimits.tagLength) &&
      !/[<>,:&|]/.test(tag) &&
      !unprintable.test(tag)
    )
      return tag
    throw badField('tags', `A tag has 1 to ${keyLimits.tagLength} characters, and none of < > , : & and |.`)
  })
}

/**
 * Each entry as UTF-8 after its length in two bytes, so that lists that differ never authenticate the same. An empty
 * list is no data.
 */
function aadOf(members: JsonObject): Uint8Array {
  const entries = listOf(members, 'aad')
  if (entries.length > keyLimits.aadEntries) throw badField('aad', `aad has at most ${keyLimits.aadEntries} entries.`)
  const chunks: Buffer[] = []
  for (const entry of entries) {
    if (typeof entry !== 'string' || !isBetween(entry, 0, keyLimits.aadEntryLength)) {
      throw badField('aad', `Each entry of aad is a string of at most ${keyLimits.aadEntryLength} characters.`)
    }
    const bytes = Buffer.from(entry, 'utf8')
    chunks.push(Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes)
  }
  return Buffer.concat(chunks)
}

function rootMaterial(members: JsonObject): Material | undefined {
  return materialOf(members, 'The payload of a root key must be base64 of 16, 24 or 32 bytes.', (length) =>
    (keyLimits.rootMaterialBytes as readonly number[]).includes(length),
  )
}

function standardMaterial(members: JsonObject): Material | undefined {
  const max = keyLimits.standardMaterialBytes
  return materialOf(
    members,
    `The payload of a standard key must be base64 of at most ${max} bytes.`,
    (length) => length <= max,
  )
}

function materialOf(members: JsonObject, message: string, fits: (length: number) => boolean): Material | undefined {
  const text = textOf(members, 'payload')
  if (text === undefined) return undefined
  const bytes = text.length > keyLimits.standardMaterialBytes * 1.5 ? undefined : fromBase64(text)
  if (bytes === undefined || !fits(bytes.length)) throw badField('payload', message)
  return { bytes, text }
}
