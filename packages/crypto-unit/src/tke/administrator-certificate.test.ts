/** Administrator certificates: the reference's vector is read, ours have its shape, everything else is refused. */
import { execFileSync } from 'node:child_process'
import {
  createHash,
  createPublicKey,
  ECDH,
  generateKeyPairSync,
  X509Certificate,
  type KeyPairKeyObjectResult,
} from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ADMINISTRATOR_NAME_CHARACTERS_MAX,
  administratorSki,
  CERTIFICATE_BYTES_MAX,
  createAdministratorCertificate,
  parseAdministratorCertificate,
} from './administrator-certificate.ts'
import { element, membersOf, sequence, tags } from './der.ts'
import { privateKeyOfScalar } from './p521.ts'
import { ProtocolError } from '../frames.ts'
import { v2, v3Certificate } from '../testing/tke-vectors.ts'

const vector = Buffer.from(v3Certificate, 'hex')
const TO_BE_SIGNED_BYTES = 409
const pairs: Record<string, KeyPairKeyObjectResult> = {
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const pairOf = (kind: string): KeyPairKeyObjectResult => pairs[kind] as KeyPairKeyObjectResult
const kinds = Object.keys(pairs)

test('vector V3 of the TKE reference is read', () => {
  const { name, ski, publicKey } = parseAdministratorCertificate(vector)
  expect({ name, ski }).toEqual({ name: 'vector-admin-1', ski: v2.ski })
  expect(new X509Certificate(vector).verify(publicKey)).toBe(true)
})

test("vector V3: what V2's key certifies here is the same, byte for byte, up to the signature", () => {
  const certificate = createAdministratorCertificate(
    'vector-admin-1',
    privateKeyOfScalar(Buffer.from(v2.scalar, 'hex')),
  )
  const members = membersOf(certificate)
  const expected = membersOf(vector)
  for (let member = 0; member < 2; member++) {
    expect(members.whole(tags.SEQUENCE)).toEqual(expected.whole(tags.SEQUENCE))
  }
})

test.each(kinds)('a certificate of a %s key is read back, valid X.509, and verifies under its own key', (kind) => {
  const { privateKey, publicKey } = pairOf(kind)
  const certificate = createAdministratorCertificate('Ana Ruiz', privateKey)
  const read = parseAdministratorCertificate(certificate)
  expect(read).toMatchObject({ name: 'Ana Ruiz', ski: administratorSki(privateKey) })
  expect(read.publicKey.equals(publicKey)).toBe(true)
  expect(administratorSki(read.publicKey)).toBe(read.ski)
  expect(new X509Certificate(certificate).verify(publicKey)).toBe(true)
  expect(administratorSki(publicKey)).toBe(administratorSki(privateKey))
})

test.each(kinds)('the command openssl finds name, number, identifier and key in a certificate of a %s key', (kind) => {
  const { privateKey } = pairOf(kind)
  const input = createAdministratorCertificate('Ana Ruiz', privateKey)
  const said = execFileSync(
    'openssl',
    ['x509', '-inform', 'DER', '-noout', '-subject', '-serial', '-ext', 'subjectKeyIdentifier'],
    { input },
  )
  const lines = said.toString()
  // Versions of OpenSSL write blanks and quotes in names each in its own way.
  expect(lines).toMatch(/OU ?= ?TKE Administration, CN ?= ?"?Ana Ruiz/)
  expect(lines).toMatch(/^serial=0+$/m)
  expect(lines.toLowerCase().replaceAll(':', '')).toContain(administratorSki(privateKey))
  const key = execFileSync('openssl', ['x509', '-inform', 'DER', '-noout', '-pubkey'], { input })
  expect(createPublicKey(key).equals(createPublicKey(privateKey))).toBe(true)
})

test('the identifier of an RSA key is the hash of its RSAPublicKey', () => {
  const { publicKey } = pairOf('RSA')
  const der = publicKey.export({ format: 'der', type: 'pkcs1' })
  expect(administratorSki(publicKey)).toBe(createHash('sha256').update(der).digest('hex'))
})

test.each(kinds)('any printable name up to the length of the field comes back, for a %s key', (kind) => {
  const { privateKey } = pairOf(kind)
  const name = fc.stringMatching(/^[\x20-\x7e]{0,29}[\x21-\x7e]$/)
  fc.assert(
    fc.property(name, (one) => {
      const certificate = createAdministratorCertificate(one, privateKey)
      expect(parseAdministratorCertificate(certificate).name).toBe(one)
      expect(certificate.includes(one.padEnd(ADMINISTRATOR_NAME_CHARACTERS_MAX))).toBe(true)
    }),
    { numRuns: 30 },
  )
})

test('a self-signature that does not verify is no reason to refuse: clients are known to make such', () => {
  for (const kind of kinds) {
    const certificate = createAdministratorCertificate('Ana Ruiz', pairOf(kind).privateKey)
    certificate[certificate.length - 1] = (certificate[certificate.length - 1] ?? 0) ^ 1
    expect(new X509Certificate(certificate).verify(pairOf(kind).publicKey)).toBe(false)
    expect(parseAdministratorCertificate(certificate).name).toBe('Ana Ruiz')
  }
})

test.each(kinds)(
  'one flipped bit in the to-be-signed part of a %s key is refused, or gives another name or key',
  (kind) => {
    const certificate = createAdministratorCertificate('vector-admin-1', pairOf(kind).privateKey)
    const before = identityOf(certificate)
    expect(before).toBe(`vector-admin-1 ${administratorSki(pairOf(kind).privateKey)}`)
    const end = kind === 'RSA' ? 4 + 546 : 4 + TO_BE_SIGNED_BYTES
    const verdicts = Array.from({ length: end - 4 }, (_, index) => {
      const altered = Buffer.from(certificate)
      altered[4 + index] = (altered[4 + index] ?? 0) ^ 1
      return identityOf(altered)
    })
    expect(verdicts).not.toContain(before)
    expect(verdicts).not.toContain('another error')
  },
)

function identityOf(certificate: Buffer): string {
  try {
    const { name, ski } = parseAdministratorCertificate(certificate)
    return `${name} ${ski}`
  } catch (error) {
    return error instanceof ProtocolError ? 'refused' : 'another error'
  }
}

/** The certificate with another key in it, and the identifier that goes with that key. */
function withKey(certificate: Buffer, key: Uint8Array, other: Uint8Array): Buffer {
  const hash = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
  const altered = Buffer.from(certificate)
  altered.set(other, certificate.indexOf(key))
  altered.set(hash(other), certificate.indexOf(hash(key)))
  return altered
}

test('a point in hybrid form is refused: one key would sign as two administrators', () => {
  const point = Buffer.from(`04${v2.x}${v2.y}`, 'hex')
  const hybrid = ECDH.convertKey(point, 'secp521r1', undefined, undefined, 'hybrid') as Buffer
  expect(identityOf(withKey(vector, point, point))).toBe(`vector-admin-1 ${v2.ski}`)
  expect(identityOf(withKey(vector, point, hybrid))).toBe('refused')
})

test('an RSA key whose numbers are written in another way is refused: one key would sign as two administrators', () => {
  const { privateKey, publicKey } = pairOf('RSA')
  const der = publicKey.export({ format: 'der', type: 'pkcs1' })
  const modulus = der.subarray(9, 9 + 256)
  // The modulus without its leading zero, the exponent with one: the same length, and OpenSSL reads the same key.
  const other = sequence(element(tags.INTEGER, modulus), element(tags.INTEGER, Buffer.of(0, 1, 0, 1)))
  expect(createPublicKey({ key: other, format: 'der', type: 'pkcs1' }).equals(publicKey)).toBe(true)
  const certificate = createAdministratorCertificate('Ana Ruiz', privateKey)
  expect(identityOf(withKey(certificate, der, der))).toBe(`Ana Ruiz ${administratorSki(publicKey)}`)
  expect(identityOf(withKey(certificate, der, other))).toBe('refused')
})

test('a point not on the curve, a modulus of fewer bits and another exponent are refused', () => {
  const point = Buffer.from(`04${v2.x}${v2.y}`, 'hex')
  const off = Buffer.from(point)
  off[132] = (off[132] ?? 0) ^ 1
  expect(identityOf(withKey(vector, point, off))).toBe('refused')
  const { privateKey, publicKey } = pairOf('RSA')
  const der = publicKey.export({ format: 'der', type: 'pkcs1' })
  const small = Buffer.from(der)
  small[9] = 0x7f
  const otherExponent = Buffer.from(der)
  otherExponent[269] = 3
  for (const other of [small, otherExponent]) {
    expect(identityOf(withKey(createAdministratorCertificate('Ana Ruiz', privateKey), der, other))).toBe('refused')
  }
})

test('an identifier that is not the one of the key is refused', () => {
  const altered = Buffer.from(vector)
  altered[vector.indexOf(Buffer.from(v2.ski, 'hex'))] = 0
  expect(identityOf(altered)).toBe('refused')
})

test('issuer and subject must be the same', () => {
  const altered = Buffer.from(vector)
  altered.write('V', vector.lastIndexOf('vector-admin-1'), 'latin1')
  expect(identityOf(altered)).toBe('refused')
})

test('a certificate of another shape is refused', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(() => parseAdministratorCertificate(Buffer.alloc(0))).toThrow(ProtocolError)
  for (let count = 0; count < vector.length; count++) {
    expect(identityOf(vector.subarray(0, count))).toBe('refused')
  }
  expect(() => parseAdministratorCertificate(Buffer.concat([vector, Buffer.alloc(1)]))).toThrow(ProtocolError)
  expect(() => parseAdministratorCertificate(privateKey.export({ format: 'der', type: 'pkcs8' }))).toThrow(
    ProtocolError,
  )
})

test('a member too many, or an algorithm around the to-be-signed part that is not the one in it, is refused', () => {
  const members = membersOf(vector)
  const [toBeSigned, algorithm] = [members.whole(tags.SEQUENCE), members.whole(tags.SEQUENCE)]
  const signature = members.whole(tags.BIT_STRING)
  expect(sequence(toBeSigned, algorithm, signature)).toEqual(vector)
  expect(identityOf(sequence(toBeSigned, algorithm, signature, signature))).toBe('refused')
  const other = Buffer.from('300b06092a864886f70d01010b', 'hex')
  expect(identityOf(sequence(toBeSigned, other, signature))).toBe('refused')
})

test('a certificate is as large as allowed, and no larger', () => {
  const members = membersOf(vector)
  const signed = [members.whole(tags.SEQUENCE), members.whole(tags.SEQUENCE)]
  const headBytes = signed.reduce((sum, { length }) => sum + length, 0) + 8
  const of = (bytes: number): Buffer => sequence(...signed, element(tags.BIT_STRING, Buffer.alloc(bytes - headBytes)))
  expect(of(CERTIFICATE_BYTES_MAX).length).toBe(CERTIFICATE_BYTES_MAX)
  expect(identityOf(of(CERTIFICATE_BYTES_MAX))).toBe(`vector-admin-1 ${v2.ski}`)
  expect(identityOf(of(CERTIFICATE_BYTES_MAX + 1))).toBe('refused')
})

test('a name longer than the field, empty or not printable is refused', () => {
  const { privateKey } = pairOf('P-521')
  for (const name of ['', 'x'.repeat(31), 'a\u0000b', 'ü', 'a\n']) {
    expect(() => createAdministratorCertificate(name, privateKey)).toThrow(ProtocolError)
  }
})

test('a key of another curve, size or exponent gets no certificate', () => {
  const others = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('rsa', { modulusLength: 3072 }),
    generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
  ]
  for (const { privateKey } of others) {
    expect(() => createAdministratorCertificate('Ana Ruiz', privateKey)).toThrow(ProtocolError)
    expect(() => administratorSki(privateKey)).toThrow(ProtocolError)
  }
})
