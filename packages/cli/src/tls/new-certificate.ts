/** Key pairs and their certificates (RFC 5280), of clients and of a trial's authority: made here, so that no key travels. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { element, sequence } from '@keywitness/crypto-unit/tke/der'
import { CliError } from '../cli-error.ts'
import { extensionIds as ids, keyIdentifierOf, subjectOf } from './certificate-parts.ts'
import { factsOf, pemOf } from './certificate-facts.ts'

export interface CertificateWish {
  /** 1 to 64 characters (X.520, ub-common-name). */
  readonly commonName: string
  readonly isRsa: boolean
  readonly days: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface KeyPair {
  /** DER. */
  readonly certificate: Uint8Array
  readonly certificatePem: string
  /** PKCS #8 in PEM. */
  readonly keyPem: string
}

export interface Issuer {
  /** DER. */
  readonly certificate: Uint8Array
  readonly key: KeyObject
}

type Purpose = 'client' | 'authority'

const tags = { BOOLEAN: 0x01, INTEGER: 0x02, BITS: 0x03, OCTETS: 0x04, NULL: 0x05, OID: 0x06, UTF8: 0x0c, SET: 0x31 }
const times = { UTC: 0x17, GENERALIZED: 0x18 }
const VERSION = 0xa0
const EXTENSIONS = 0xa3
/** `keyIdentifier` of an authority's (RFC 5280, section 4.2.1.1). */
const KEY_IDENTIFIER = 0x80

const oid = (hex: string): Buffer => element(tags.OID, Buffer.from(hex, 'hex'))
const commonNameOid = oid('550403')
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
const rsaWithSha256 = sequence(oid('2a864886f70d01010b'), element(tags.NULL))

/** Clocks differ: a certificate that is valid from now on would be refused by who is a little behind. */
const beforeNowMs = 3_600_000
const dayMs = 86_400_000

/** A client's certificate, signed by itself; all of these are P-256, or RSA with 2048 bits, and valid from an hour ago. */
export function newSelfSigned(wish: CertificateWish): KeyPair {
  return newPair(wish, 'client', undefined)
}

/** An authority's, signed by itself, whose certificates are those of clients and not of other authorities. */
export function newAuthority(wish: CertificateWish): KeyPair {
  return newPair(wish, 'authority', undefined)
}

/** A client's certificate of an authority, which ends with it at the latest. @throws CliError `BAD_INPUT` */
export function newClientOf(issuer: Issuer, wish: CertificateWish): KeyPair {
  try {
    return newPair(wish, 'client', issuer)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError('BAD_INPUT', 'the certificate of the authority has a form that this command does not know')
  }
}

function newPair({ commonName, isRsa, days, now }: CertificateWish, purpose: Purpose, issuer?: Issuer): KeyPair {
  const { publicKey, privateKey } = isRsa
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(element(tags.SET, sequence(commonNameOid, element(tags.UTF8, Buffer.from(commonName, 'utf8')))))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const signer = issuer?.key ?? privateKey
  const algorithm = signatureAlgorithm(signer)
  const end = Math.min(
    now + days * dayMs,
    issuer === undefined ? Infinity : Date.parse(factsOf(issuer.certificate).validTo),
  )
  const body = sequence(
    element(VERSION, element(tags.INTEGER, Buffer.from([2]))),
    element(tags.INTEGER, serialNumber()),
    algorithm,
    issuer === undefined ? name : subjectOf(issuer.certificate),
    sequence(time(now - beforeNowMs), time(end)),
    name,
    spki,
    element(EXTENSIONS, extensions(purpose, spki, issuer?.certificate)),
  )
  const signature = element(tags.BITS, Buffer.from([0]), sign('sha256', body, signer))
  const certificate = sequence(body, algorithm, signature)
  return {
    certificate,
    certificatePem: pemOf('CERTIFICATE', certificate),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function signatureAlgorithm({ asymmetricKeyType }: KeyObject): Buffer {
  if (asymmetricKeyType === 'rsa') return rsaWithSha256
  if (asymmetricKeyType === 'ec') return ecdsaWithSha256
  throw new CliError('BAD_INPUT', 'the key of the authority is neither RSA nor of an elliptic curve')
}

/** Positive, and without leading zeros, which DER would not have. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

/** UTCTime up to 2049 and GeneralizedTime after it (RFC 5280, section 4.1.2.5). */
function time(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`
  const isUtc = text < '2050'
  return element(isUtc ? times.UTC : times.GENERALIZED, Buffer.from(isUtc ? text.slice(2) : text))
}

/** Some servers refuse a client's certificate that does not say that it is no authority and signs for TLS. */
function extensions(purpose: Purpose, spki: Uint8Array, issuer: Uint8Array | undefined): Buffer {
  const extension = (id: string, isCritical: boolean, value: Uint8Array): Buffer =>
    sequence(oid(id), ...(isCritical ? [element(tags.BOOLEAN, Buffer.from([0xff]))] : []), element(tags.OCTETS, value))
  // RFC 7093, section 2, method 4: of the whole SubjectPublicKeyInfo.
  const keyIdentifier = element(tags.OCTETS, createHash('sha256').update(spki).digest().subarray(0, 20))
  const signed = issuer === undefined ? undefined : keyIdentifierOf(issuer)
  const authority = sequence(element(tags.BOOLEAN, Buffer.from([0xff])), element(tags.INTEGER, Buffer.from([0])))
  return sequence(
    extension(ids.basicConstraints, true, purpose === 'authority' ? authority : sequence()),
    // keyCertSign and cRLSign, or digitalSignature (section 4.2.1.3).
    extension(ids.keyUsage, true, element(tags.BITS, Buffer.from(purpose === 'authority' ? [1, 0x06] : [7, 0x80]))),
    ...(purpose === 'authority' ? [] : [extension(ids.extendedKeyUsage, false, sequence(oid('2b06010505070302')))]),
    extension(ids.subjectKeyIdentifier, false, keyIdentifier),
    ...(signed === undefined
      ? []
      : [extension(ids.authorityKeyIdentifier, false, sequence(element(KEY_IDENTIFIER, signed)))]),
  )
}
