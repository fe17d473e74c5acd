/** Reading the bodies of the key API: member names in any letter case, `null` as absent, everything bounded. */
import { Refusal } from '../errors.ts'
import { malformed } from '../malformed.ts'
import { type JsonObject, type JsonValue, isJsonObject, memberOf } from '../http/json.ts'
import { secureImportOf } from '../import-token/secure-import.ts'
import { keyPolicyKinds, parseOverrides } from '../policies/key-body.ts'
import type { KeyPolicyKind } from '../policies/key-policy.ts'
import { isAliasName } from './alias.ts'
import { fromBase64 } from './base64.ts'
import { parseCiphertext } from './ciphertext.ts'
import type { CreateWish, Material } from './create.ts'
import { keyLimits } from './limits.ts'
import {
  boundedText,
  dateOf,
  flagOf,
  isBetween,
  listOf,
  onlyResource,
  optionalMembers,
  textOf,
  unprintable,
} from './members.ts'
import type { PatchWish } from './patch.ts'
import { badField } from './refusals.ts'
import type { RestoreWish } from './restore.ts'
import type { RotateWish } from './rotate.ts'
import type { UnwrapWish } from './unwrap.ts'
import type { WrapWish } from './wrap.ts'

/** `type` of a key resource. */
export const keyMediaType = 'application/vnd.ibm.kms.key+json'

/** Members of a key resource (reference section 6.1), lower case. Those a server sets itself are taken and ignored. */
const keyMembers = new Set(
  `type id name aliases description tags state expirationDate extractable crn imported keyRingID creationDate createdBy
  algorithmType algorithmMetadata algorithmBitSize algorithmMode nonactiveStateReason lastUpdateDate lastRotateDate
  keyVersion rotation dualAuthDelete deleted deletionDate deletedBy restoreAllowed restoreExpirationDate purgeAllowed
  purgeAllowedFrom purgeScheduledOn payload encryptionAlgorithm encryptedNonce iv`
    .toLowerCase()
    .split(/\s+/),
)

/**
 * The body of a key creation: an envelope with exactly one key.
 * @throws Refusal `BAD_BODY_ERR` for another shape, `INVALID_FIELD_ERR` naming the member
 */
export function parseCreate(body: JsonValue | undefined): CreateWish {
  const key = onlyResource(body)
  const expected = keyPolicyKinds.filter((kind) => isSwitchedOn(key, kind))
  return { ...newKeyOf(key), ...(expected.length === 0 ? {} : { expected }) }
}

/** The same with the key's own policies. */
export function parseCreateWithOverrides(body: JsonValue | undefined): CreateWish {
  const key = onlyResource(body)
  return { ...newKeyOf(key), overrides: parseOverrides(key) }
}

/** A policy as a key shows it: without overrides it says what the key is expected to get, and sets nothing. */
function isSwitchedOn(key: JsonObject, kind: KeyPolicyKind): boolean {
  const shown = memberOf(key, kind)
  return isJsonObject(shown) && memberOf(shown, 'enabled') === true
}

function newKeyOf(key: JsonObject): CreateWish {
  // First of all: without a name it is no request for a key (decision 0008).
  if ((textOf(key, 'name') ?? '') === '') throw malformed(badField('name', 'A key needs a name.'))
  for (const name of Object.keys(key)) {
    if (!keyMembers.has(name.toLowerCase())) {
      throw new Refusal('BAD_BODY_ERR', { message: 'The key has a member that is not known here.' })
    }
  }
  if (textOf(key, 'type') !== keyMediaType) throw badField('type', `The type of a key is ${keyMediaType}.`)
  const extractable = flagOf(key, 'extractable') ?? true
  const secure = secureImportOf(key)
  if (secure !== undefined && extractable) {
    throw badField('encryptedNonce', 'Only the material of a root key can be imported by an import token.')
  }
  return {
    name: boundedText(key, 'name', keyLimits.nameLength) ?? '',
    description: boundedText(key, 'description', keyLimits.descriptionLength),
    tags: tagsOf(key),
    extractable,
    expiresAt: dateOf(key, 'expirationDate'),
    material: secure !== undefined ? undefined : extractable ? standardMaterial(key) : rootMaterial(key),
    secure,
    aliases: aliasesOf(key),
    overrides: undefined,
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
 * @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR`
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
  const secure = secureImportOf(members)
  return { material: secure === undefined ? rootMaterial(members) : undefined, secure }
}

/** The body of a restore: none, or the older envelope with the material, plain or under the import token. */
export function parseRestore(body: JsonValue | undefined): RestoreWish {
  const members = optionalMembers(body)
  const [first] = listOf(members, 'resources')
  if (!isJsonObject(first)) return { byToken: false }
  const secure = secureImportOf(first)
  if (secure !== undefined) return { byToken: true, secure }
  const payload = textOf(first, 'payload')
  return payload === undefined ? { byToken: false } : { byToken: false, payload }
}

/** The body of a patch. */
export function parsePatch(body: JsonValue | undefined): PatchWish {
  if (body === undefined) throw new Refusal('NO_BODY_ERR')
  const ring = textOf(optionalMembers(body), 'keyRingID')
  if (ring === undefined) throw badField('keyRingID', 'The key ring the key goes to is missing.')
  return { ring }
}

function aliasesOf(key: JsonObject): string[] {
  const aliases = listOf(key, 'aliases').map((alias) => {
    if (typeof alias === 'string' && isAliasName(alias)) return alias
    throw badField('aliases', 'An alias has 2 to 90 letters, digits, - and _, and is no UUID and no reserved word.')
  })
  if (aliases.length > keyLimits.aliasesPerKey || new Set(aliases).size < aliases.length) {
    throw badField('aliases', `A key has at most ${keyLimits.aliasesPerKey} aliases, each once.`)
  }
  return aliases
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
