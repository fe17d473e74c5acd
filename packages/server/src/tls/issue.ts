/** Makes certificates (RFC 5280) with new P-256 keys: an authority's own, and those it signs for servers. */
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type X509CertificateCreateParams,
} from '@peculiar/x509'

/** PEM. */
export interface Issued {
  readonly cert: string
  /** PKCS #8. */
  readonly key: string
}

/** When a certificate is good, milliseconds since the epoch. */
interface Validity {
  readonly from: number
  readonly to: number
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A self-signed authority that may sign certificates of servers and clients, and no other authorities. */
export async function makeAuthority(commonName: string, validity: Validity): Promise<Issued> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...fields(validity),
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ecdsa,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n`, key: pem(keys.privateKey) }
}

/** @param names DNS names and IP addresses that clients connect to; the first one is also the common name */
export async function issueServerCertificate(
  authority: Issued,
  names: readonly string[],
  validity: Validity,
): Promise<Issued> {
  const keys = await newKeys()
  const issuer = new X509Certificate(authority.cert)
  const certificate = await X509CertificateGenerator.create({
    ...fields(validity),
    subject: [{ CN: [names[0] ?? 'localhost'] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority.key).toCryptoKey(ecdsa, false, ['sign']),
    signingAlgorithm: ecdsa,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n`, key: pem(keys.privateKey) }
}

function fields({ from, to }: Validity): Pick<X509CertificateCreateParams, 'serialNumber' | 'notBefore' | 'notAfter'> {
  // Positive and of 127 bits at most, as the DER of RFC 5280, section 4.1.2.2 wants it.
  const serial = randomBytes(16)
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0)
  return {
    serialNumber: serial.toString('hex'),
    notBefore: new Date(from),
    notAfter: new Date(to),
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
}

function pem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
}
