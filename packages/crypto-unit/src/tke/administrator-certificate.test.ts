/** Administrator certificates: the reference's vector is read, ours have its shape, everything else is refused. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  administratorSki,
  createAdministratorCertificate,
  parseAdministratorCertificate,
} from './administrator-certificate.ts'
import { ProtocolError } from '../frames.ts'
import { v2Ski, v3Certificate } from '../testing/tke-vectors.ts'

const vector = Buffer.from(v3Certificate, 'hex')

test('vector V3 of the TKE reference is read', () => {
  const { name, ski, publicKey } = parseAdministratorCertificate(vector)
  expect({ name, ski }).toEqual({ name: 'vector-admin-1', ski: v2Ski })
  expect(new X509Certificate(vector).verify(publicKey)).toBe(true)
})

test('a certificate of ours is read back, is valid X.509 and verifies under its own key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const certificate = createAdministratorCertificate('Ana Ruiz', privateKey)
  expect(parseAdministratorCertificate(certificate)).toMatchObject({
    name: 'Ana Ruiz',
    ski: administratorSki(privateKey),
  })
  expect(new X509Certificate(certificate).verify(publicKey)).toBe(true)
  expect(administratorSki(publicKey)).toBe(administratorSki(privateKey))
})

test('one flipped bit in the to-be-signed part is refused, or gives another name or key', () => {
  const toBeSignedEnd = 4 + 409
  for (let offset = 4; offset < toBeSignedEnd; offset++) {
    const altered = Buffer.from(vector)
    altered[offset] = (altered[offset] ?? 0) ^ 1
    expect(identityOf(altered)).not.toBe(`vector-admin-1 ${v2Ski}`)
  }
})

function identityOf(certificate: Buffer): string {
  try {
    const { name, ski } = parseAdministratorCertificate(certificate)
    return `${name} ${ski}`
  } catch (error) {
    return error instanceof ProtocolError ? 'refused' : `vector-admin-1 ${v2Ski}`
  }
}

test('a certificate of another shape is refused', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(() => parseAdministratorCertificate(Buffer.alloc(0))).toThrow(ProtocolError)
  expect(() => parseAdministratorCertificate(vector.subarray(0, 500))).toThrow(ProtocolError)
  expect(() => parseAdministratorCertificate(Buffer.concat([vector, Buffer.alloc(1)]))).toThrow(ProtocolError)
  expect(() => parseAdministratorCertificate(privateKey.export({ format: 'der', type: 'pkcs8' }))).toThrow(
    ProtocolError,
  )
})

test('a name longer than the field, empty or not printable is refused', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  for (const name of ['', 'x'.repeat(31), 'a\u0000b', 'ü']) {
    expect(() => createAdministratorCertificate(name, privateKey)).toThrow(ProtocolError)
  }
})
