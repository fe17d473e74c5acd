/** Certificates of whatever shape for tests (RFC 5280, section 4.1): also such as no decent authority would sign. */
import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto'
import { bitString, objectIdentifier, unsignedInteger } from '@keywitness/crypto-unit/ep11/der'
import { element, octets, sequence, tags } from '@keywitness/crypto-unit/tke/der'

export interface Minted {
  readonly der: Buffer
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS #8. */
  readonly key: string
  readonly keys: KeyPairKeyObjectResult
  /** DER of its subject. */
  readonly name: Buffer
}

export interface MintOptions {
  /** Common name, or the DER of a whole name. */
  readonly subject: string | Buffer
  /** Undefined: by itself. */
  readonly issuer?: Pick<Minted, 'keys' | 'name'> | undefined
  readonly version?: 1 | 2 | 3
  /** Milliseconds since the epoch. Default: from 2020 to 2049. */
  readonly from?: number
  readonly to?: number
  readonly extensions?: readonly Buffer[]
  readonly keys?: KeyPairKeyObjectResult
  /** ECDSA or RSA with this hash. */
  readonly hash?: 'sha1' | 'sha224' | 'sha256' | 'sha384'
}

export function newKeys(kind: 'ec' | 'rsa' | 'rsa-short' | 'k1' | 'ed25519' = 'ec'): KeyPairKeyObjectResult {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519')
  if (kind === 'rsa' || kind === 'rsa-short') {
    return generateKeyPairSync('rsa', { modulusLength: kind === 'rsa' ? 2_048 : 1_024 })
  }
  return generateKeyPairSync('ec', { namedCurve: kind === 'ec' ? 'P-256' : 'secp256k1' })
}

let serial = 0

export function mint(options: MintOptions): Minted {
  const { subject, issuer, version = 3, extensions = [], keys = newKeys(), hash = 'sha256' } = options
  const { from = Date.UTC(2020, 0, 1), to = Date.UTC(2049, 0, 1) } = options
  const name = typeof subject === 'string' ? nameOf(subject) : subject
  const signer = issuer?.keys ?? keys
  const type = signer.privateKey.asymmetricKeyType
  const algorithm =
    type === 'ed25519'
      ? sequence(objectIdentifier('1.3.101.112'))
      : type === 'rsa'
        ? sequence(objectIdentifier(rsaHashes[hash]), element(tags.NULL))
        : sequence(objectIdentifier(ecdsaHashes[hash]))
  const body = sequence(
    ...(version === 1 ? [] : [element(tags.CONSTRUCTED_0, unsignedInteger(Buffer.from([version - 1])))]),
    unsignedInteger(Buffer.from([1, ++serial >> 16, (serial >> 8) & 0xff, serial & 0xff])),
    algorithm,
    issuer?.name ?? name,
    sequence(time(from), time(to)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [element(0xa3, sequence(...extensions))]),
  )
  const signature = sign(type === 'ed25519' ? null : hash, body, signer.privateKey)
  const der = sequence(body, algorithm, bitString(signature))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return {
    der,
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    keys,
    name,
  }
}

const rsaHashes = {
  sha1: '1.2.840.113549.1.1.5',
  sha224: '1.2.840.113549.1.1.14',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
} as const

const ecdsaHashes = {
  sha1: '1.2.840.10045.4.1',
  sha224: '1.2.840.10045.4.3.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
} as const

/** A name of one common name, as UTF8String or with another tag. */
export function nameOf(text: string, tag = 0x0c, bytes = Buffer.from(text)): Buffer {
  return sequence(element(0x31, sequence(objectIdentifier('2.5.4.3'), element(tag, bytes))))
}

export function extension(identifier: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [element(0x01, Buffer.from([0xff]))] : []
  return sequence(objectIdentifier(identifier), ...critical, octets(value))
}

export function basicConstraints(isAuthority: boolean, pathLength?: number): Buffer {
  const length = pathLength === undefined ? [] : [unsignedInteger(Buffer.from([pathLength]))]
  const value = sequence(...(isAuthority ? [element(0x01, Buffer.from([0xff]))] : []), ...length)
  return extension('2.5.29.19', value, true)
}

/** @param bits of the first byte: `0x04` is keyCertSign */
export function keyUsage(bits: number): Buffer {
  return extension('2.5.29.15', element(tags.BIT_STRING, Buffer.from([0, bits])), true)
}

export const purposes = {
  clientAuth: '1.3.6.1.5.5.7.3.2',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  any: '2.5.29.37.0',
} as const

export function extKeyUsage(...names: readonly (keyof typeof purposes)[]): Buffer {
  return extension('2.5.29.37', sequence(...names.map((name) => objectIdentifier(purposes[name]))))
}

/** Of a key, by this name. */
export function authorityKeyIdentifier(identifier: Buffer): Buffer {
  return extension('2.5.29.35', sequence(element(tags.CONTEXT_0, identifier)))
}

export function subjectKeyIdentifier(identifier: Buffer): Buffer {
  return extension('2.5.29.14', octets(identifier))
}

/** Permits names below a domain. */
export function nameConstraints(domain: string, isCritical = true): Buffer {
  const permitted = element(0xa0, sequence(element(0x82, Buffer.from(domain))))
  return extension('2.5.29.30', sequence(permitted), isCritical)
}

/** An authority with the usual extensions, and more of them. */
export function authority(
  subject: string | Buffer,
  issuer?: Minted,
  more: Partial<MintOptions> & { readonly pathLength?: number } = {},
): Minted {
  const { extensions = [], pathLength, ...others } = more
  return mint({ subject, issuer, extensions: [basicConstraints(true, pathLength), ...extensions], ...others })
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  const year = Number(digits.slice(0, 4))
  return year < 2050 ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits))
}

/** As events and accepted certificates name it. */
export function fingerprintOf({ der }: Pick<Minted, 'der'>): string {
  return createHash('sha256').update(der).digest('hex')
}
