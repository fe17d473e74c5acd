/** What a certificate says that a path is judged by (RFC 5280, sections 4.1 and 4.2): read strictly, and once. */
import { type KeyObject, X509Certificate } from 'node:crypto'
import { DerReader, membersOf, tags } from '@keywitness/crypto-unit/tke/der'
import { fingerprintOf } from '../tls/certificate-pem.ts'

export interface CertificateFacts {
  readonly certificate: X509Certificate
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  readonly fingerprint: string
  readonly version: number
  /** Good while `from <= now < to`, milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** Issuer and subject are the same bytes. */
  readonly isSelfIssued: boolean
  readonly key: KeyObject
  /** RSA of at least 2048 bits, the curves of NIST and Brainpool of at least 256 bits, Ed25519 and Ed448. */
  readonly hasStrongKey: boolean
  /** By a hash of the SHA-2 family of at least 256 bits, or one of the Edwards curves. */
  readonly hasStrongSignature: boolean
  /** Of basicConstraints; undefined without it. */
  readonly isAuthority: boolean | undefined
  /** How many authorities that are not self-issued may stand below it; Infinity when that is not said. */
  readonly pathLength: number
  /** Bits of the first byte of keyUsage, as `keyUsages` has them; undefined without it. */
  readonly keyUsage: number | undefined
  /** extKeyUsage has clientAuth, or does not stand there. */
  readonly isForClients: boolean
  readonly hasNameConstraints: boolean
  /** A critical extension that nothing here evaluates. */
  readonly hasUnknownCritical: boolean
}

/** RFC 5280, section 4.2.1.3: the first bit is the highest. */
export const keyUsages = { digitalSignature: 0x80, keyAgreement: 0x08, keyCertSign: 0x04 } as const

/** Object identifiers by their contents in hexadecimal. */
const extensions = {
  keyUsage: '551d0f',
  /** Nobody is known by a name, so that all names will do. */
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  nameConstraints: '551d1e',
  /** Every policy will do. */
  certificatePolicies: '551d20',
  extKeyUsage: '551d25',
} as const
const evaluated = new Set<string>(Object.values(extensions))
const clientAuth = '2b06010505070302'
const ecPublicKey = '2a8648ce3d0201'
/** P-256, P-384, P-521; brainpoolP256r1, P384r1, P512r1. */
const curves = new Set([
  '2a8648ce3d030107',
  '2b81040022',
  '2b81040023',
  '2b2403030208010107',
  '2b240303020801010b',
  '2b240303020801010d',
])
/** RSA and ECDSA, each with SHA-256, SHA-384 and SHA-512; Ed25519 and Ed448. */
const signatures = new Set([
  '2a864886f70d01010b',
  '2a864886f70d01010c',
  '2a864886f70d01010d',
  '2a8648ce3d040302',
  '2a8648ce3d040303',
  '2a8648ce3d040304',
  '2b6570',
  '2b6571',
])
const rsaPss = '2a864886f70d01010a'
const pssHashes = new Set(['608648016503040201', '608648016503040202', '608648016503040203'])

/** DER tags of a certificate that the TKE protocol has not. */
const certificateTags = { BOOLEAN: 0x01, UNIQUE_IDS: [0x81, 0x82], EXTENSIONS: 0xa3 } as const

/** Undefined for what is no certificate, or none that keeps to the standard. Public keys are not used, only read. */
export function factsOf(der: Uint8Array): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(der)
    const { raw, publicKey: key } = certificate
    const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()]
    if (!raw.equals(der) || Number.isNaN(from) || Number.isNaN(to)) return undefined
    return { certificate, fingerprint: fingerprintOf(raw), from, to, key, ...bodyOf(raw, key) }
  } catch {
    return undefined
  }
}

type Body = Omit<CertificateFacts, 'certificate' | 'fingerprint' | 'from' | 'to' | 'key'>

/** @throws ProtocolError `MALFORMED`, RangeError */
function bodyOf(der: Uint8Array, key: KeyObject): Body {
  const body = new DerReader(membersOf(der).take(tags.SEQUENCE))
  const version = versionOf(body.optional(tags.CONSTRUCTED_0))
  body.take(tags.INTEGER)
  const signature = new DerReader(body.take(tags.SEQUENCE))
  const issuer = body.whole(tags.SEQUENCE)
  body.take(tags.SEQUENCE)
  const subject = body.whole(tags.SEQUENCE)
  const publicKey = new DerReader(body.take(tags.SEQUENCE))
  for (const tag of certificateTags.UNIQUE_IDS) body.optional(tag)
  const listed = body.optional(certificateTags.EXTENSIONS)
  body.end()
  // Extensions came with the third version: an older one that has some is read differently by different programs.
  if (listed !== undefined && version !== 3) throw new RangeError('extensions')
  return {
    version,
    isSelfIssued: issuer.equals(subject),
    hasStrongKey: isStrongKey(new DerReader(publicKey.take(tags.SEQUENCE)), key),
    hasStrongSignature: isStrongSignature(signature),
    ...extensionsOf(listed),
  }
}

function versionOf(explicit: Buffer | undefined): number {
  if (explicit === undefined) return 1
  const reader = new DerReader(explicit)
  const version = reader.sized(tags.INTEGER, 1).readUInt8() + 1
  reader.end()
  if (version > 3) throw new RangeError('version')
  return version
}

function isStrongKey(algorithm: DerReader, key: KeyObject): boolean {
  const identifier = algorithm.take(tags.OBJECT_IDENTIFIER).toString('hex')
  // A curve that is spelled out may be any curve.
  if (identifier === ecPublicKey) return curves.has(algorithm.optional(tags.OBJECT_IDENTIFIER)?.toString('hex') ?? '')
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa' || type === 'rsa-pss') return (details?.modulusLength ?? 0) >= 2_048
  return type === 'ed25519' || type === 'ed448'
}

function isStrongSignature(algorithm: DerReader): boolean {
  const identifier = algorithm.take(tags.OBJECT_IDENTIFIER).toString('hex')
  if (identifier !== rsaPss) return signatures.has(identifier)
  // Its hash is a parameter, SHA-1 without one (RFC 4055, section 3.1).
  const hash = algorithm.atEnd ? undefined : new DerReader(algorithm.take(tags.SEQUENCE)).optional(tags.CONSTRUCTED_0)
  return hash !== undefined && pssHashes.has(membersOf(hash).take(tags.OBJECT_IDENTIFIER).toString('hex'))
}

function extensionsOf(
  listed: Buffer | undefined,
): Pick<
  Body,
  'isAuthority' | 'pathLength' | 'keyUsage' | 'isForClients' | 'hasNameConstraints' | 'hasUnknownCritical'
> {
  const values = new Map<string, Buffer>()
  let hasUnknownCritical = false
  const list = listed === undefined ? new DerReader(Buffer.alloc(0)) : membersOf(listed)
  while (!list.atEnd) {
    const extension = new DerReader(list.take(tags.SEQUENCE))
    const identifier = extension.take(tags.OBJECT_IDENTIFIER).toString('hex')
    const isCritical = booleanOf(extension)
    // Of two nobody can say which one counts.
    if (values.has(identifier)) throw new RangeError('an extension twice')
    values.set(identifier, extension.take(tags.OCTET_STRING))
    extension.end()
    if (isCritical && !evaluated.has(identifier)) hasUnknownCritical = true
  }
  const usage = values.get(extensions.keyUsage)
  return {
    ...constraintsOf(values.get(extensions.basicConstraints)),
    keyUsage: usage === undefined ? undefined : usageOf(usage),
    isForClients: isForClients(values.get(extensions.extKeyUsage)),
    hasNameConstraints: values.has(extensions.nameConstraints),
    hasUnknownCritical,
  }
}

function constraintsOf(value: Buffer | undefined): Pick<Body, 'isAuthority' | 'pathLength'> {
  if (value === undefined) return { isAuthority: undefined, pathLength: Infinity }
  const constraints = membersOf(value)
  const isAuthority = booleanOf(constraints)
  const length = constraints.optional(tags.INTEGER)
  constraints.end()
  if (length === undefined) return { isAuthority, pathLength: Infinity }
  if (length.length === 0 || length.readUInt8() > 0x7f) throw new RangeError('path length')
  return { isAuthority, pathLength: Number(`0x${length.toString('hex')}`) }
}

function usageOf(value: Buffer): number {
  const reader = new DerReader(value)
  const bits = reader.take(tags.BIT_STRING)
  reader.end()
  const unused = bits.readUInt8()
  if (unused > 7) throw new RangeError('bits')
  return bits.length === 1 ? 0 : bits.readUInt8(1) & (bits.length === 2 ? 0xff << unused : 0xff)
}

function isForClients(value: Buffer | undefined): boolean {
  if (value === undefined) return true
  const purposes = membersOf(value)
  let isFor = false
  while (!purposes.atEnd) {
    if (purposes.take(tags.OBJECT_IDENTIFIER).toString('hex') === clientAuth) isFor = true
  }
  return isFor
}

/** False when it does not stand there, as everywhere in certificates. */
function booleanOf(reader: DerReader): boolean {
  const value = reader.optional(certificateTags.BOOLEAN)
  if (value !== undefined && value.length !== 1) throw new RangeError('boolean')
  return value !== undefined && value[0] !== 0
}
