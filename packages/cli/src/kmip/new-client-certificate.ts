/** A key pair and self-signed certificate for a KMIP client (RFC 5280): made here, so that its key never travels. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { element, sequence } from '@keywitness/crypto-unit/tke/der'
import { pemOf } from './certificate-facts.ts'

export interface CertificateWish {
  /** 1 to 64 characters (X.520, ub-common-name). */
  readonly commonName: string
  readonly isRsa: boolean
  readonly days: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface ClientKeyPair {
  /** DER. */
  readonly certificate: Uint8Array
  readonly certificatePem: string
  /** PKCS #8 in PEM. */
  readonly keyPem: string
}

const tags = { BOOLEAN: 0x01, INTEGER: 0x02, BITS: 0x03, OCTETS: 0x04, NULL: 0x05, OID: 0x06, UTF8: 0x0c, SET: 0x31 }
const times = { UTC: 0x17, GENERALIZED: 0x18 }
const VERSION = 0xa0
const EXTENSIONS = 0xa3

const oid = (hex: string): Buffer => element(tags.OID, Buffer.from(hex, 'hex'))
const commonNameOid = oid('550403')
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
const rsaWithSha256 = sequence(oid('2a864886f70d01010b'), element(tags.NULL))

/** Clocks differ: a certificate that is valid from now on would be refused by who is a little behind. */
const beforeNowMs = 3_600_000
const dayMs = 86_400_000

/** P-256, or RSA with 2048 bits; valid from an hour ago. */
export function newClientCertificate({ commonName, isRsa, days, now }: CertificateWish): ClientKeyPair {
  const { publicKey, privateKey } = isRsa
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(element(tags.SET, sequence(commonNameOid, element(tags.UTF8, Buffer.from(commonName, 'utf8')))))
  const algorithm = isRsa ? rsaWithSha256 : ecdsaWithSha256
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(
    element(VERSION, element(tags.INTEGER, Buffer.from([2]))),
    element(tags.INTEGER, serialNumber()),
    algorithm,
    name,
    sequence(time(now - beforeNowMs), time(now + days * dayMs)),
    name,
    spki,
    element(EXTENSIONS, extensions(spki)),
  )
  const signature = element(tags.BITS, Buffer.from([0]), sign('sha256', body, privateKey))
  const certificate = sequence(body, algorithm, signature)
  return {
    certificate,
    certificatePem: pemOf('CERTIFICATE', certificate),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
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

/** No authority, for signatures of TLS clients: some servers refuse a client certificate that does not say so. */
function extensions(spki: Uint8Array): Buffer {
  const extension = (id: string, isCritical: boolean, value: Uint8Array): Buffer =>
    sequence(oid(id), ...(isCritical ? [element(tags.BOOLEAN, Buffer.from([0xff]))] : []), element(tags.OCTETS, value))
  // RFC 7093, section 2, method 4: of the whole SubjectPublicKeyInfo.
  const keyIdentifier = createHash('sha256').update(spki).digest().subarray(0, 20)
  return sequence(
    extension('551d13', true, sequence()),
    extension('551d0f', true, element(tags.BITS, Buffer.from([7, 0x80]))),
    extension('551d25', false, sequence(oid('2b06010505070302'))),
    extension('551d0e', false, element(tags.OCTETS, keyIdentifier)),
  )
}
