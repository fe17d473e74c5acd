/** SignerInfo: who signed which bytes (TKE reference, sections 2.6 and 4.1). Several stand one behind the other. */
import { constants, sign, verify, type KeyObject } from 'node:crypto'
import { DerReader, element, malformed, octets, sequence, tags } from './der.ts'
import { x931Sign, x931Verify } from './x931.ts'

const version3 = Buffer.from('020103', 'hex')
const sha512 = Buffer.from('0609608648016503040203', 'hex')
const sha256 = Buffer.from('0609608648016503040201', 'hex')
const ecdsaWithSha512 = Buffer.from('06082a8648ce3d040304', 'hex')
const rsaEncryption = Buffer.from('06092a864886f70d010101', 'hex')
const sha256WithRsaEncryption = Buffer.from('06092a864886f70d01010b', 'hex')
const none = Buffer.from('0500', 'hex')

/** A P-521 signature in DER is never longer, an RSA-2048 one is this long. */
const SIGNATURE_BYTES_MAX = 256
const SKI_BYTES = 32
/** Administrators of a domain and of its card; more signatures than these cannot be of different people. */
export const SIGNER_INFOS_MAX = 16

export type SignatureForm = 'ecdsa' | 'x931' | 'pkcs1'

export interface SignerInfo {
  /** Subject key identifier, 64 hex digits. */
  readonly ski: string
  readonly form: SignatureForm
  readonly signature: Buffer
}

/** Signs with a P-521 key (ECDSA, SHA-512) or an RSA-2048 key (X9.31, SHA-256). */
export function makeSignerInfo(message: Uint8Array, ski: Uint8Array, privateKey: KeyObject): Buffer {
  return privateKey.asymmetricKeyType === 'rsa'
    ? encodeSignerInfo(ski, 'x931', x931Sign(message, privateKey))
    : encodeSignerInfo(ski, 'ecdsa', sign('sha512', message, privateKey))
}

export function encodeSignerInfo(ski: Uint8Array, form: SignatureForm, signature: Uint8Array): Buffer {
  const [digest, algorithm] =
    form === 'ecdsa' ? [sha512, ecdsaWithSha512] : [sha256, form === 'x931' ? rsaEncryption : sha256WithRsaEncryption]
  return sequence(
    version3,
    element(tags.CONTEXT_0, ski),
    sequence(digest, none),
    sequence(algorithm, none),
    octets(signature),
  )
}

/** @throws ProtocolError `MALFORMED` */
export function decodeSignerInfos(bytes: Uint8Array): SignerInfo[] {
  const reader = new DerReader(bytes)
  const infos: SignerInfo[] = []
  while (!reader.atEnd) {
    if (infos.length === SIGNER_INFOS_MAX) throw malformed('There are too many signatures.')
    infos.push(decodeMembers(new DerReader(reader.take(tags.SEQUENCE))))
  }
  return infos
}

function decodeMembers(members: DerReader): SignerInfo {
  members.sized(tags.INTEGER, 1)
  const ski = members.sized(tags.CONTEXT_0, SKI_BYTES).toString('hex')
  const digest = algorithmOf(members)
  const algorithm = algorithmOf(members)
  const signature = members.take(tags.OCTET_STRING)
  members.end()
  if (signature.length === 0 || signature.length > SIGNATURE_BYTES_MAX) throw malformed('A signature has no such size.')
  return { ski, form: formOf(digest, algorithm), signature }
}

/** The object identifier as it stands; parameters are NULL or left out. */
function algorithmOf(members: DerReader): Buffer {
  const algorithm = new DerReader(members.take(tags.SEQUENCE))
  const oid = algorithm.whole(tags.OBJECT_IDENTIFIER)
  if (!algorithm.atEnd) algorithm.sized(tags.NULL, 0)
  algorithm.end()
  return oid
}

function formOf(digest: Buffer, algorithm: Buffer): SignatureForm {
  if (digest.equals(sha512) && algorithm.equals(ecdsaWithSha512)) return 'ecdsa'
  if (digest.equals(sha256) && algorithm.equals(rsaEncryption)) return 'x931'
  if (digest.equals(sha256) && algorithm.equals(sha256WithRsaEncryption)) return 'pkcs1'
  throw malformed('A signature is of an algorithm that is not known here.')
}

/** Whether the signature is one of this key over these bytes; a key of another kind than the form says never fits. */
export function verifySignerInfo(message: Uint8Array, { form, signature }: SignerInfo, publicKey: KeyObject): boolean {
  const isRsa = publicKey.asymmetricKeyType === 'rsa'
  switch (form) {
    case 'ecdsa':
      return !isRsa && verify('sha512', message, publicKey, signature)
    case 'x931':
      return isRsa && x931Verify(message, publicKey, signature)
    case 'pkcs1':
      return isRsa && verify('sha256', message, { key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature)
  }
}
