/** Every operation that is served: its number, the version that brought it, and the action that witnesses it. */
import type { ActionName } from '@keywitness/cadf'
import { compareVersions, type Version } from '../message/version.ts'
import { enumerationName, enumerations, enumerationVersion } from '../ttlv/enumerations.ts'
import { activate } from './activate.ts'
import { addAttribute } from './add-attribute.ts'
import { check } from './check.ts'
import { create } from './create.ts'
import { createKeyPair } from './create-key-pair.ts'
import { decrypt } from './decrypt.ts'
import { deleteAttribute } from './delete-attribute.ts'
import { deriveKey } from './derive-key.ts'
import { destroy } from './destroy.ts'
import { discoverVersions } from './discover-versions.ts'
import { encrypt } from './encrypt.ts'
import { get } from './get.ts'
import { getAttributeList } from './get-attribute-list.ts'
import { getAttributes } from './get-attributes.ts'
import type { KmipOperation } from './item.ts'
import { locate } from './locate.ts'
import { mac } from './mac.ts'
import { macVerify } from './mac-verify.ts'
import { modifyAttribute } from './modify-attribute.ts'
import { poll } from './poll.ts'
import { queryOf } from './query.ts'
import { reKey } from './re-key.ts'
import { register } from './register.ts'
import { revoke } from './revoke.ts'
import { rngRetrieve } from './rng-retrieve.ts'
import { sign } from './sign.ts'
import { signatureVerify } from './signature-verify.ts'

const { Operation: numbers } = enumerations

export interface ServedOperation {
  readonly run: KmipOperation
  /** Undefined for what tells of the server only: it is not recorded unless it fails. */
  readonly action: ActionName | undefined
}

/** Without Query, which tells which there are. */
const others: readonly (readonly [number, KmipOperation, ActionName | undefined])[] = [
  [numbers.Create, create, 'hs-crypto.kmip-key.create'],
  [numbers.CreateKeyPair, createKeyPair, 'hs-crypto.kmip-key.create'],
  [numbers.Register, register, 'hs-crypto.kmip-key.create'],
  [numbers.ReKey, reKey, 'hs-crypto.kmip-key.create'],
  [numbers.DeriveKey, deriveKey, 'hs-crypto.kmip-key.create'],
  [numbers.Locate, locate, 'hs-crypto.kmip-key.list'],
  [numbers.Check, check, 'hs-crypto.kmip-key.read'],
  [numbers.Get, get, 'hs-crypto.kmip-key.read'],
  [numbers.GetAttributes, getAttributes, 'hs-crypto.kmip-key-attributes.retrieve'],
  [numbers.GetAttributeList, getAttributeList, 'hs-crypto.kmip-key-attributes.retrieve'],
  [numbers.AddAttribute, addAttribute, 'hs-crypto.kmip-key-attributes.update'],
  [numbers.ModifyAttribute, modifyAttribute, 'hs-crypto.kmip-key-attributes.update'],
  [numbers.DeleteAttribute, deleteAttribute, 'hs-crypto.kmip-key-attributes.update'],
  [numbers.Activate, activate, 'hs-crypto.kmip-key.activate'],
  [numbers.Revoke, revoke, 'hs-crypto.kmip-key.revoke'],
  [numbers.Destroy, destroy, 'hs-crypto.kmip-key.destroy'],
  [numbers.DiscoverVersions, discoverVersions, undefined],
  [numbers.Encrypt, encrypt, 'hs-crypto.kmip-key.use'],
  [numbers.Decrypt, decrypt, 'hs-crypto.kmip-key.use'],
  [numbers.Sign, sign, 'hs-crypto.kmip-key.use'],
  [numbers.SignatureVerify, signatureVerify, 'hs-crypto.kmip-key.use'],
  [numbers.MAC, mac, 'hs-crypto.kmip-key.use'],
  [numbers.MACVerify, macVerify, 'hs-crypto.kmip-key.use'],
  [numbers.RNGRetrieve, rngRetrieve, 'hs-crypto.kmip-key.use'],
]

/** What Query tells of, by number. */
export const advertised: readonly number[] = [...others.map(([number]) => number), numbers.Query].toSorted(
  (one, other) => one - other,
)

const served: ReadonlyMap<number, ServedOperation> = new Map([
  ...others.map(([number, run, action]) => [number, { run, action }] as const),
  [numbers.Query, { run: queryOf(advertised), action: undefined }],
  // Nothing goes on after its answer, and clients that ask are told so; nobody is invited to ask.
  [numbers.Poll, { run: poll, action: undefined }],
  [numbers.Cancel, { run: poll, action: undefined }],
])

/** Operations on an object that is there which always change it. */
const changing: ReadonlySet<number> = new Set([
  numbers.ReKey,
  numbers.DeriveKey,
  numbers.AddAttribute,
  numbers.ModifyAttribute,
  numbers.DeleteAttribute,
  numbers.Activate,
  numbers.Revoke,
  numbers.Destroy,
])

export function isChanging(operation: number): boolean {
  return changing.has(operation)
}

/** Undefined for what is not served, or not yet in this version. */
export function operationOf(number: number, version: Version): ServedOperation | undefined {
  const since = enumerationVersion('Operation', number)
  return since !== undefined && compareVersions(version, since) >= 0 ? served.get(number) : undefined
}

/** Why there is no such operation in this version. */
export function unservedText(number: number, version: Version): string {
  const since = enumerationVersion('Operation', number)
  if (since === undefined || !served.has(number)) return 'The operation is not supported.'
  const [from, asked] = [since, version].map(({ major, minor }) => `${major}.${minor}`)
  return `${operationName(number)} is there from KMIP ${from} on; the message is of ${asked}.`
}

/** For events; a number that no version knows is told as one. */
export function operationName(number: number): string {
  return enumerationName('Operation', number) ?? `0x${number.toString(16)}`
}
