/** Client certificates of KMIP adapters: which are taken, whose they are, and that what is no certificate is refused. */
import { X509Certificate } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { Refusal } from '../../errors.ts'
import { resourceCrn } from '../../instances/instance.ts'
import { codeOf, factsOf, type House, openHouse, startTime } from '../../keys/testing/house.ts'
import { selfSigned } from '../../testing/self-signed.ts'
import { printCertificate } from '../../tls/certificate-pem.ts'
import { parseCertificate } from './certificate.ts'
import { createCertificate } from './create-certificate.ts'
import { deleteCertificate } from './delete-certificate.ts'
import { listCertificates } from './list-certificates.ts'
import { readCertificate } from './read-certificate.ts'
import { certificateResource, wholeCertificateResource } from './resource.ts'
import { addAdapter, addCertificate, kmipParts } from './testing/adapters.ts'

const create = 'hs-crypto.kmip-management.create'
const read = 'hs-crypto.kmip-management.read'
const remove = 'hs-crypto.kmip-management.delete'
const { cert, key } = selfSigned('client')

let house: House
beforeEach(() => {
  house = openHouse()
})

const refusedCertificate = (adapter: string, wish: { name?: string; pem?: string }) => {
  const wanted = { name: wish.name, pem: wish.pem ?? selfSigned('client').cert }
  return house.refused(
    create,
    createCertificate(house.call(), adapter, () => wanted, kmipParts(house)),
  )
}
const refusalOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was refused')
}

test('a certificate is kept as it is and known by the SHA-256 of its DER form', async () => {
  await addAdapter(house, { name: 'vcenter' })
  const made = await addCertificate(house, 'vcenter', { name: 'host', pem: cert })
  const x509 = new X509Certificate(cert)
  expect(made.fingerprint).toBe(x509.fingerprint256.replaceAll(':', '').toLowerCase())
  const found = await house.run(read, readCertificate(house.call(), 'vcenter', 'host', kmipParts(house)))
  expect(printCertificate(found.certificate)).toBe(x509.toString())
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: read,
    target: { id: resourceCrn(house.instance, 'kmip-certificate', made.id), name: 'host' },
    requestData: { objectKind: 'certificate' },
  })
})

test('a certificate without a name gets one; a name is given once in an adapter', async () => {
  await addAdapter(house, { name: 'one' })
  await addAdapter(house, { name: 'two' })
  expect((await addCertificate(house, 'one')).name).toMatch(/^kmip_cert_[0-9a-f]{16}$/)
  await addCertificate(house, 'one', { name: 'host' })
  expect(codeOf(await refusedCertificate('one', { name: 'host' }))).toEqual(['ALREADY_EXISTS', 409])
  expect((await addCertificate(house, 'two', { name: 'host' })).name).toBe('host')
})

test('a certificate belongs to one adapter only, and is free again when it is deleted', async () => {
  await addAdapter(house, { name: 'one' })
  await addAdapter(house, { name: 'two' })
  await addCertificate(house, 'one', { name: 'host', pem: cert })
  for (const adapter of ['one', 'two']) {
    expect(codeOf(await refusedCertificate(adapter, { pem: cert.replaceAll('\n', '\r\n') }))).toEqual([
      'ALREADY_EXISTS',
      409,
    ])
  }
  await house.run(remove, deleteCertificate(house.call(), 'one', 'host', kmipParts(house)))
  expect(factsOf(house.lastEvent())).toMatchObject({ action: remove, severity: 'warning', code: 204 })
  expect(await addCertificate(house, 'two', { pem: cert })).toMatchObject({ name: /^kmip_cert_/ })
})

test('lists leave the certificates themselves out', async () => {
  await addAdapter(house, { name: 'vcenter' })
  await addCertificate(house, 'vcenter', { name: 'host' })
  const wish = () => ({ limit: 10, offset: 0, totalCount: false })
  const found = await house.run(
    'hs-crypto.kmip-management.list',
    listCertificates(house.call(), 'vcenter', wish, kmipParts(house)),
  )
  expect(found).toMatchObject({ rows: [{ name: 'host' }], total: 1 })
  expect(found.rows.map((row) => certificateResource(row, startTime))[0]).not.toHaveProperty('certificate')
})

test('lists and single answers say of a certificate whose it is, how it is told apart, and when it is good', async () => {
  await addAdapter(house, { name: 'vcenter' })
  const made = await addCertificate(house, 'vcenter', { name: 'host', pem: cert })
  const x509 = new X509Certificate(cert)
  const facts = {
    id: made.id,
    name: 'host',
    created_at: new Date(startTime).toISOString(),
    created_by: house.call().caller.id,
    fingerprint: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: 'CN=client',
    notBefore: x509.validFromDate.toISOString(),
    notAfter: x509.validToDate.toISOString(),
    standing: 'valid',
  }
  expect(certificateResource(made, startTime)).toEqual(facts)
  expect(wholeCertificateResource(made, startTime)).toEqual({ ...facts, certificate: x509.toString() })
})

test('a certificate stands as its dates and its key have it; only a valid one lets anybody in', async () => {
  await addAdapter(house, { name: 'vcenter' })
  const made = await addCertificate(house, 'vcenter', { pem: cert })
  const weak = { ...made, certificate: new X509Certificate(selfSigned('weak', 'rsa', { bits: 1_024 }).cert).raw }
  const from = Date.parse('2020-01-01T00:00:00Z')
  const to = Date.parse('2049-12-31T23:59:59Z')
  const cases = [
    [made, from - 1, 'not_yet_valid'],
    [made, from, 'valid'],
    [made, to - 1, 'valid'],
    [made, to, 'expired'],
    [weak, from, 'weak'],
    [weak, to, 'expired'],
  ] as const
  for (const [row, now, standing] of cases) expect(certificateResource(row, now)).toMatchObject({ standing })
})

test.each([
  ['RSA of 1024 bits', selfSigned('weak', 'rsa', { bits: 1_024 }).cert, /has 1024 bits; at least 2048/],
  ['a curve of 192 bits', selfSigned('weak', 'ec', { curve: 'P-192' }).cert, /weaker than P-256/],
  ['a curve of 224 bits', selfSigned('weak', 'ec', { curve: 'P-224' }).cert, /weaker than P-256/],
])('a certificate with a weak key is refused: %s', (_, pem, message) => {
  const field = { type: 'field', name: 'certificate' }
  expect(refusalOf(() => parseCertificate(pem, startTime))).toMatchObject({ code: 'INVALID_FIELD_ERR', at: field })
  expect(String(refusalOf(() => parseCertificate(pem, startTime)))).toMatch(message)
})

test.each([
  ['RSA of 2048 bits', selfSigned('client', 'rsa').cert],
  ['P-384', selfSigned('client', 'ec', { curve: 'P-384' }).cert],
  ['Brainpool of 256 bits', selfSigned('client', 'ec', { curve: 'brainpoolP256r1' }).cert],
])('a certificate with a strong key is taken: %s', (_, pem) => {
  expect(parseCertificate(pem, startTime).fingerprint).toHaveLength(64)
})

test('an adapter or a certificate that is not there is not found', async () => {
  await addAdapter(house, { name: 'vcenter' })
  expect(codeOf(await refusedCertificate('other', {}))).toEqual(['NOT_FOUND', 404])
  const parts = kmipParts(house)
  const unread = await house.refused(read, readCertificate(house.call(), 'vcenter', 'host', parts))
  expect(codeOf(unread)).toEqual(['NOT_FOUND', 404])
  const undeleted = await house.refused(remove, deleteCertificate(house.call(), 'vcenter', 'host', parts))
  expect(codeOf(undeleted)).toEqual(['NOT_FOUND', 404])
})

test('a private key, a chain, an expired certificate and anything else are refused', () => {
  const inside = cert.split('\n').slice(1, -2).join('')
  const longer = Buffer.concat([Buffer.from(inside, 'base64'), Buffer.from([0])]).toString('base64')
  const cases: readonly [string, string][] = [
    ['a private key', key],
    ['a certificate with its private key', cert + key],
    ['a chain', cert + cert],
    ['bare base64', inside],
    ['bytes after the certificate', `-----BEGIN CERTIFICATE-----\n${longer}\n-----END CERTIFICATE-----\n`],
    ['no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['nothing', ''],
    ['too long', cert + ' '.repeat(20_000)],
  ]
  for (const [what, pem] of cases) {
    const refusal = refusalOf(() => parseCertificate(pem, startTime))
    expect(refusal, what).toBeInstanceOf(Refusal)
    expect(refusal, what).toMatchObject({ code: 'INVALID_FIELD_ERR', at: { type: 'field', name: 'certificate' } })
    expect((refusal as Refusal).message, what).not.toContain(pem.trim().slice(0, 40) || '\u0000')
  }
  const end = Date.parse('2049-12-31T23:59:59Z')
  expect(parseCertificate(cert, end - 1).fingerprint).toHaveLength(64)
  expect(refusalOf(() => parseCertificate(cert, end))).toMatchObject({ message: 'The certificate has expired.' })
})

test('a certificate with any byte changed is either refused or another certificate, and nothing else happens', () => {
  const der = Buffer.from(cert.split('\n').slice(1, -2).join(''), 'base64')
  const { fingerprint } = parseCertificate(cert, startTime)
  const readOr = (pem: string): string => {
    try {
      return parseCertificate(pem, startTime).fingerprint
    } catch (error) {
      if (error instanceof Refusal) return error.code
      throw error
    }
  }
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(der)
      changed[at] = (changed[at] ?? 0) ^ change
      expect(readOr(printCertificate(changed))).not.toBe(fingerprint)
    }),
    { numRuns: 300 },
  )
})
