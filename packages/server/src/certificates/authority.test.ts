/** Certificates at upload: which may stand at the end of a client's path, and that no refusal repeats what was sent. */
import { generateKeyPairSync } from 'node:crypto'
import { element, sequence } from '@keywitness/crypto-unit/tke/der'
import { objectIdentifier } from '@keywitness/crypto-unit/ep11/der'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { describeCertificate } from '../tls/certificate-pem.ts'
import { readAuthority, subjectOf } from './authority.ts'
import { clientVerdict } from './client-path.ts'
import {
  authority,
  basicConstraints,
  extension,
  extKeyUsage,
  keyUsage,
  mint,
  type Minted,
  type MintOptions,
  nameConstraints,
  nameOf,
  newKeys,
} from './testing/mint.ts'

const now = Date.UTC(2026, 2, 1)
const day = 24 * 3_600_000
const keyCertSign = 0x04
const digitalSignature = 0x80
const root = authority('Root')

/** What a text is refused with; undefined when it is taken. */
function refusalOf(pem: string): Refusal | undefined {
  try {
    readAuthority(pem, now)
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** The text of it, that names the member at fault and repeats nothing of what was sent. */
function faultOf(pem: string): string | undefined {
  const refusal = refusalOf(pem)
  const { code, at, message = '' } = refusal ?? {}
  expect([undefined, 'INVALID_FIELD_ERR']).toContain(code)
  expect([undefined, 'certificate']).toContain(at?.name)
  const lines = pem.split('\n').filter((line) => line.length > 20)
  expect(lines.filter((line) => message.includes(line))).toEqual([])
  return refusal?.message
}

/** A certificate of an authority with these, and nothing else said. */
const made = (options: Partial<MintOptions>): Minted => mint({ subject: 'Authority', ...options })
const withExtensions = (...extensions: Buffer[]): Minted => made({ extensions })

const taken: readonly (readonly [what: string, one: Minted])[] = [
  ['a root', root],
  ['an intermediate', authority('Intermediate', root)],
  ['an intermediate that may sign no other authority', authority('Intermediate', root, { pathLength: 0 })],
  ['a self-signed one of version 1', made({ version: 1 })],
  ['a self-signed one of version 1 with SHA-1', made({ version: 1, hash: 'sha1' })],
  ['one of an RSA key', authority('RSA', undefined, { keys: newKeys('rsa') })],
  ['one of an Edwards key', authority('Edwards', undefined, { keys: newKeys('ed25519') })],
  ['one with a key usage for certificates', authority('Usage', root, { extensions: [keyUsage(keyCertSign)] })],
  ['one with a key usage, and without basic constraints', made({ issuer: root, extensions: [keyUsage(keyCertSign)] })],
  ['one for clients', authority('Clients', root, { extensions: [extKeyUsage('clientAuth')] })],
  ['one that is not valid yet', authority('Later', root, { from: now + day, to: now + 100 * day })],
  ['one that ends in a moment', authority('Ending', root, { to: now + 1_000 })],
  ['one with an empty name', authority(sequence(), root)],
  ['one whose name is a BMPString', authority(nameOf('Bmp', 0x1e, Buffer.from('\0B\0m\0p')), root)],
  ['one whose name is a TeletexString', authority(nameOf('', 0x14, Buffer.from([0xe9, 0xe8])), root)],
  ['one whose name holds line breaks', authority('A\nCN=B, O=C\r\u202eD', root)],
  ['one with an extension that is not critical and not known', authority('More', root, { extensions: [odd(false)] })],
]

const refused: readonly (readonly [what: string, pem: string, message: string])[] = [
  ['nothing', '', 'must be one X.509 certificate'],
  ['a text', 'certificate', 'must be one X.509 certificate'],
  ['DER in base64', root.der.toString('base64'), 'must be one X.509 certificate'],
  ['a block that is empty', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', 'must be one'],
  ['a text before the block', `Subject: Root\n${root.cert}`, 'must be one X.509 certificate'],
  ['two certificates', root.cert + authority('Other').cert, 'more than one certificate'],
  ['a private key beside it', root.cert + root.key, 'A private key was sent'],
  ['a private key alone', root.key, 'A private key was sent'],
  ['a request for a certificate', root.cert.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'), 'must be one'],
  ['more than 16 KiB', `${root.cert}${'\n'.repeat(16_384)}`, 'more than 16384 characters'],
  ['bytes after it', pemOf(Buffer.concat([root.der, Buffer.from([0])])), 'must be one X.509 certificate'],
  ['bytes before it', pemOf(Buffer.concat([Buffer.from([0]), root.der])), 'must be one X.509 certificate'],
  ['one that is cut off', pemOf(root.der.subarray(0, -1)), 'must be one X.509 certificate'],
  [
    'a client’s own',
    mint({ subject: 'Client', issuer: root, extensions: [basicConstraints(false)] }).cert,
    'basic constraints say so. Give the certificate of its issuer.',
  ],
  [
    'a client’s own of version 1',
    mint({ subject: 'Client', issuer: root, version: 1 }).cert,
    'version 1. Give the certificate of its issuer.',
  ],
  ['a client’s own that says nothing', mint({ subject: 'Client', issuer: root }).cert, 'not one of an authority'],
  [
    'a client’s own for signatures',
    mint({ subject: 'Client', issuer: root, extensions: [keyUsage(digitalSignature)] }).cert,
    'does not permit to sign certificates. Give the certificate of its issuer.',
  ],
  ['a self-signed one of version 3 that says nothing', made({}).cert, 'not one of an authority'],
  [
    'one that signs messages only',
    withExtensions(basicConstraints(true), keyUsage(digitalSignature)).cert,
    'key usage',
  ],
  [
    'one for servers only',
    withExtensions(basicConstraints(true), extKeyUsage('serverAuth')).cert,
    'extended key usage',
  ],
  [
    'one with name constraints',
    withExtensions(basicConstraints(true), nameConstraints('example.org')).cert,
    'name constraints',
  ],
  [
    'one with an unknown critical extension',
    withExtensions(basicConstraints(true), odd(true)).cert,
    'critical extension',
  ],
  [
    'one with a short RSA key',
    authority('Short', undefined, { keys: newKeys('rsa-short') }).cert,
    'The key of the certificate',
  ],
  [
    'one of a curve of another kind',
    authority('K1', undefined, { keys: newKeys('k1') }).cert,
    'The key of the certificate',
  ],
  [
    'one of a curve that is spelled out',
    authority('Explicit', undefined, { keys: explicitKeys() }).cert,
    'The key of the certificate',
  ],
  ['one signed with SHA-1', authority('Weak', root, { hash: 'sha1' }).cert, 'hash that is too weak'],
  ['one that has expired', authority('Old', root, { to: now - 1_000 }).cert, 'has expired'],
  ['one that expires now', authority('Old', root, { to: now }).cert, 'has expired'],
  [
    'one that ends before it begins',
    authority('Odd', root, { from: now + 2 * day, to: now + day }).cert,
    'ends before',
  ],
  ['one whose name is no UTF-8', authority(nameOf('', 0x0c, Buffer.from([0xff, 0xfe])), root).cert, 'must be one'],
  ['extensions in one of version 1', made({ version: 1, extensions: [basicConstraints(true)] }).cert, 'must be one'],
  ['an extension twice', withExtensions(basicConstraints(true), basicConstraints(true)).cert, 'must be one'],
]

test.each(taken)('%s is taken, and clients that it has issued get in by it', (_what, one) => {
  const { fingerprint, der, notAfter } = readAuthority(one.cert, now)
  expect(Buffer.from(der)).toEqual(one.der)
  const client = mint({ subject: 'Client', issuer: one, version: 1 })
  const chain = { fingerprint: 'of the client', certificates: [client.der] }
  const later = Math.min(notAfter - 1, now + 2 * day)
  expect(clientVerdict(chain, [{ der }], later)).toMatchObject({ failure: undefined })
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
  // What people are shown is one line, whatever is in the name.
  const { subject, issuer, serialNumber } = describeCertificate(der)
  for (const text of [subject, issuer, serialNumber]) expect(text).not.toMatch(/[\r\n\u202e]/)
})

test.each(refused)('%s is refused, and why is said', (_what, pem, message) => {
  expect(faultOf(pem)).toContain(message)
})

test('what issued itself is not told to give its issuer', () => {
  for (const one of [made({}), withExtensions(basicConstraints(false))]) {
    expect(faultOf(one.cert)).toMatch(/^The certificate is not one of an authority: (?!.*issuer)/)
  }
})

test('a subject in an event is one line, cut off between characters, and missing where there is none', () => {
  const subjectFor = (name: string) => subjectOf(made({ subject: name }).der)
  expect(subjectFor('Clients of the house')).toBe('CN=Clients of the house')
  expect(subjectOf(made({ subject: sequence() }).der)).toBeUndefined()
  expect(subjectFor('x'.repeat(253))).toBe(`CN=${'x'.repeat(253)}`)
  expect(subjectFor('x'.repeat(254))).toBe(`CN=${'x'.repeat(252)}…`)
  expect(subjectFor(`${'x'.repeat(251)}\u{1f511}xx`)).toBe(`CN=${'x'.repeat(251)}…`)
})

test('an RSA key of more bits than anybody can pay for is refused before it is used', () => {
  const { publicKey, privateKey } = newKeys('rsa')
  // No key of 9,216 bits need be made: only its length is looked at.
  const huge = new Proxy(publicKey, {
    get: (key, name) => (name === 'export' ? () => hugeSpki : (Reflect.get(key, name) as unknown)),
  })
  const one = authority('Huge', undefined, { keys: { publicKey: huge, privateKey } })
  expect(faultOf(one.cert)).toContain('RSA of 2048 to 8192 bits')
})

test('serial numbers that the standard forbids are shown as they are', () => {
  for (const [bytes, shown] of [
    [[0x80], '-80'],
    [[0x00], '0'],
    [[0xff], '-01'],
    [Array.from({ length: 40 }, () => 0x7f), '7f'.repeat(40)],
  ] as const) {
    const der = withSerial(root, Buffer.from(bytes))
    // Its signature is no longer good, which does not matter of one that names itself an authority.
    expect(faultOf(pemOf(der))).toBeUndefined()
    expect(describeCertificate(der).serialNumber).toBe(shown)
  }
})

test('whatever is sent, it is taken or refused with one code, and nothing of it is repeated', () => {
  const valid = fc.constantFrom(...taken.map(([, one]) => one.der))
  const changed = fc.tuple(valid, fc.nat(), fc.nat(255)).map(([der, at, byte]) => {
    const copy = Buffer.from(der)
    copy.writeUInt8(byte, at % copy.length)
    return pemOf(copy)
  })
  const lines = fc.array(
    fc.oneof(fc.constantFrom(...root.cert.split('\n'), ...root.key.split('\n')), fc.string({ unit: 'binary' })),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        changed,
        lines.map((all) => all.join('\n')),
        fc.string(),
      ),
      (pem) => {
        const fault = faultOf(pem)
        expect(fault ?? 'The certificate.').toMatch(/^[A-Z][A-Za-z0-9 .,:-]+\.$/)
      },
    ),
    { numRuns: 300 },
  )
})

function odd(isCritical: boolean): Buffer {
  return extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]), isCritical)
}

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function explicitKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' })
}

/** SubjectPublicKeyInfo of an RSA key whose modulus is 9,216 bits of ones. */
const hugeSpki = sequence(
  sequence(objectIdentifier('1.2.840.113549.1.1.1'), element(0x05)),
  element(
    0x03,
    Buffer.from([0]),
    sequence(element(0x02, Buffer.from([0]), Buffer.alloc(1_152, 0xff)), element(0x02, Buffer.from([1, 0, 1]))),
  ),
)

/** The same certificate with another serial number, and the signature as it was. */
function withSerial({ der }: Minted, serial: Buffer): Buffer {
  const outer = contentsOf(der, 0)
  const body = contentsOf(der, outer.from)
  const version = contentsOf(der, body.from)
  const old = contentsOf(der, version.to)
  const changed = sequence(der.subarray(body.from, version.to), element(0x02, serial), der.subarray(old.to, body.to))
  return sequence(changed, der.subarray(body.to, outer.to))
}

/** Where the contents of the element at `at` begin and end. */
function contentsOf(der: Buffer, at: number): { from: number; to: number } {
  const first = der.readUInt8(at + 1)
  const count = first < 0x80 ? 0 : first & 0x7f
  const length = count === 0 ? first : der.readUIntBE(at + 2, count)
  const from = at + 2 + count
  return { from, to: from + length }
}
