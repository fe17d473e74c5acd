/** RecipientInfo: vectors V8 and V9, parts for importers of both kinds, and nothing opened that is not whole. */
import {
  constants,
  createCipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  ECDH,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { element, octets, sequence, tags } from './der.ts'
import { pointOfKey } from './p521.ts'
import {
  decodeKeyAgreement,
  encodeKeyAgreement,
  keyEncryptionKey,
  openPart,
  sealPart,
  wrapPart,
} from './recipient-info.ts'
import { ProtocolError } from '../frames.ts'
import { v1, v2, v8RecipientInfo, v9 } from '../testing/tke-vectors.ts'

const vector = Buffer.from(v8RecipientInfo, 'hex')
const v2Point = Buffer.from(`04${v2.x}${v2.y}`, 'hex')
const recipient = Buffer.from(v2.importerSki, 'hex')
const part = Buffer.from(v1.key, 'hex')
const importer = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const rsaImporter = generateKeyPairSync('rsa', { modulusLength: 2048 })

test('vector V8: the structure is read, and printed to the same 313 bytes', () => {
  const members = { point: v2Point, ukm: Buffer.alloc(40), recipient, wrapped: Buffer.alloc(40) }
  expect(vector.length).toBe(313)
  expect(decodeKeyAgreement(vector)).toEqual(members)
  expect(encodeKeyAgreement(members)).toEqual(vector)
})

test('vector V9: the key that wraps, and the part wrapped by it', () => {
  const secret = Buffer.from(Array.from({ length: 66 }, (_, at) => at))
  const kek = keyEncryptionKey(secret, Buffer.alloc(40, 0x5a))
  expect(kek.toString('hex')).toBe(v9.kek)
  const hash = createHash('sha256').update(secret).update(Buffer.from('00000001', 'hex'))
  expect(hash.update(Buffer.from(v9.sharedInfo, 'hex')).digest()).toEqual(kek)
  expect(wrapPart(part, kek).toString('hex')).toBe(v9.wrapped)
})

test('a key agreement is read back as it was written', () => {
  const sized = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes))
  const agreement = fc.record({ point: sized(133), ukm: sized(40), recipient: sized(32), wrapped: sized(40) })
  fc.assert(
    fc.property(agreement, (one) => {
      expect(decodeKeyAgreement(encodeKeyAgreement(one))).toEqual(one)
    }),
  )
})

const parts = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))

test.each([
  ['P-521', importer],
  ['RSA', rsaImporter],
] as const)(
  'a part sealed to an importer of %s opens with its private key, and the part is left as it was',
  (_, pair) => {
    fc.assert(
      fc.property(parts, (one) => {
        const before = one.toString('hex')
        const sealed = sealPart(one, pair.publicKey, recipient)
        expect(one.toString('hex')).toBe(before)
        expect(openPart(sealed, pair.privateKey)?.toString('hex')).toBe(before)
        expect(sealed.includes(one)).toBe(false)
      }),
      { numRuns: 25 },
    )
  },
)

test('the same part is sealed to other bytes each time', () => {
  for (const { publicKey } of [importer, rsaImporter]) {
    expect(sealPart(part, publicKey, recipient)).not.toEqual(sealPart(part, publicKey, recipient))
  }
})

test('a part that another implementation sealed by the reference opens', () => {
  const sender = createECDH('secp521r1')
  sender.generateKeys()
  const ukm = Buffer.alloc(40, 0x77)
  const info = Buffer.from(v9.sharedInfo.replace('5a'.repeat(40), '77'.repeat(40)), 'hex')
  const secret = sender.computeSecret(pointOfKey(importer.publicKey))
  const kek = createHash('sha256')
    .update(secret)
    .update(Buffer.of(0, 0, 0, 1))
    .update(info)
    .digest()
  const cipher = createCipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6))
  const wrapped = Buffer.concat([cipher.update(part), cipher.final()])
  const sealed = encodeKeyAgreement({ point: sender.getPublicKey(), ukm, recipient, wrapped })
  expect(openPart(sealed, importer.privateKey)).toEqual(part)
})

test('a part does not open with another importer of the same kind', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  expect(openPart(sealPart(part, other.publicKey, recipient), importer.privateKey)).toBeUndefined()
  const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  expect(openPart(sealPart(part, otherRsa.publicKey, recipient), rsaImporter.privateKey)).toBeUndefined()
})

test('a part for an importer of the other kind is refused', () => {
  expect(() => openPart(sealPart(part, importer.publicKey, recipient), rsaImporter.privateKey)).toThrow(ProtocolError)
  expect(() => openPart(sealPart(part, rsaImporter.publicKey, recipient), importer.privateKey)).toThrow(ProtocolError)
})

test('nobody compares the identifier of the recipient', () => {
  for (const { privateKey, publicKey } of [importer, rsaImporter]) {
    expect(openPart(sealPart(part, publicKey, Buffer.alloc(32, 9)), privateKey)).toEqual(part)
  }
})

function outcome(bytes: Uint8Array, privateKey = importer.privateKey): string {
  try {
    return openPart(bytes, privateKey)?.toString('hex') ?? 'closed'
  } catch (error) {
    return error instanceof ProtocolError ? 'refused' : 'another error'
  }
}

test('with a bit flipped anywhere but in the identifier of the recipient, no part comes out', () => {
  const sealed = sealPart(part, importer.publicKey, recipient)
  const at = sealed.indexOf(recipient)
  const bits = Array.from({ length: sealed.length * 8 }, (_, bit) => bit)
  const opened = bits.filter((bit) => {
    const byte = bit >> 3
    if (byte >= at && byte < at + recipient.length) return false
    const altered = Buffer.from(sealed)
    altered[byte] = (altered[byte] ?? 0) ^ (0x80 >> (bit & 7))
    return !['closed', 'refused'].includes(outcome(altered))
  })
  expect(opened).toEqual([])
})

test('a RecipientInfo cut off anywhere, or with a byte behind it, is refused', () => {
  for (const { privateKey, publicKey } of [importer, rsaImporter]) {
    const sealed = sealPart(part, publicKey, recipient)
    for (let count = 0; count < sealed.length; count++) {
      expect(outcome(sealed.subarray(0, count), privateKey)).toBe('refused')
    }
    expect(outcome(Buffer.concat([sealed, Buffer.alloc(1)]), privateKey)).toBe('refused')
  }
})

test('a point that is not on the curve, compressed or in hybrid form is refused', () => {
  const off = Buffer.from(v2Point)
  off[132] = (off[132] ?? 0) ^ 1
  const compressed = ECDH.convertKey(v2Point, 'secp521r1', undefined, undefined, 'compressed') as Buffer
  const hybrid = ECDH.convertKey(v2Point, 'secp521r1', undefined, undefined, 'hybrid') as Buffer
  for (const point of [off, compressed, hybrid, Buffer.alloc(133), Buffer.of(0)]) {
    const sealed = encodeKeyAgreement({ point, ukm: Buffer.alloc(40), recipient, wrapped: Buffer.alloc(40) })
    expect(outcome(sealed)).toBe('refused')
  }
})

test('members of other sizes are refused', () => {
  const good = decodeKeyAgreement(vector)
  for (const name of ['point', 'ukm', 'recipient', 'wrapped'] as const) {
    for (const size of [0, good[name].length - 1, good[name].length + 1]) {
      expect(() => decodeKeyAgreement(encodeKeyAgreement({ ...good, [name]: Buffer.alloc(size) }))).toThrow(
        ProtocolError,
      )
    }
  }
})

const ecPublicKey = Buffer.from('06072a8648ce3d0201', 'hex')
const kdf = Buffer.from('06062b8104010b01', 'hex')
const aes256Wrap = Buffer.from('300d060960864801650304012d0500', 'hex')
const nothing: readonly Buffer[] = []

/** V8 with more members in one of its structures, and with another number of unused bits in its point. */
function structure(places: Record<string, readonly Buffer[]> = {}, unusedBits = 0): Buffer {
  const more = (place: string): readonly Buffer[] => places[place] ?? nothing
  const bits = element(tags.BIT_STRING, Buffer.of(unusedBits), v2Point)
  const originatorKey = element(
    tags.CONSTRUCTED_1,
    sequence(ecPublicKey, bits, ...more('key')),
    ...more('originatorKey'),
  )
  const identifier = element(tags.CONSTRUCTED_0, octets(recipient), ...more('identifier'))
  const encrypted = sequence(identifier, octets(Buffer.alloc(40)), ...more('encryptedKey'))
  return sequence(
    Buffer.from('020103', 'hex'),
    element(tags.CONSTRUCTED_0, originatorKey, ...more('originator')),
    element(tags.CONSTRUCTED_1, octets(Buffer.alloc(40)), ...more('ukm')),
    sequence(kdf, aes256Wrap, ...more('algorithm')),
    sequence(encrypted, ...more('encryptedKeys')),
    ...more('whole'),
  )
}

test.each([
  'key',
  'originatorKey',
  'originator',
  'ukm',
  'algorithm',
  'identifier',
  'encryptedKey',
  'encryptedKeys',
  'whole',
])('a member too many in a structure is refused: %s', (place) => {
  expect(structure()).toEqual(vector)
  expect(() => decodeKeyAgreement(structure({ [place]: [octets()] }))).toThrow(ProtocolError)
})

test('a point whose bit string has unused bits is refused', () => {
  for (const unusedBits of [1, 7, 8, 255]) {
    expect(() => decodeKeyAgreement(structure({}, unusedBits))).toThrow(ProtocolError)
  }
})

const rsaInfo = (ciphertext: Uint8Array): Buffer =>
  sequence(
    Buffer.from('020102', 'hex'),
    element(tags.CONTEXT_0, recipient),
    Buffer.from('300d06092a864886f70d0101010500', 'hex'),
    octets(ciphertext),
  )

/** The block as RSA makes a number of it, without a padding of its own. */
const ofBlock = (block: Uint8Array): Buffer =>
  rsaInfo(publicEncrypt({ key: rsaImporter.publicKey, padding: constants.RSA_NO_PADDING }, block))

/** Block type 2: 00 02, padding that is nowhere zero, 00, part. */
function goodBlock(paddingBytes = 221, tail: Uint8Array = part): Buffer {
  return Buffer.concat([Buffer.of(0, 2), Buffer.alloc(paddingBytes, 0xa7), Buffer.of(0), tail])
}

test('a part for an RSA importer is PKCS #1 v1.5 as OpenSSL writes it', () => {
  const sealed = sealPart(part, rsaImporter.publicKey, recipient)
  const key = { key: rsaImporter.privateKey, padding: constants.RSA_NO_PADDING }
  const block = privateDecrypt(key, sealed.subarray(sealed.length - 256))
  expect(block.subarray(0, 2)).toEqual(Buffer.of(0, 2))
  expect(block.subarray(2, 223).includes(0)).toBe(false)
  expect(block.subarray(223)).toEqual(Buffer.concat([Buffer.of(0), part]))
  expect(outcome(ofBlock(goodBlock()), rsaImporter.privateKey)).toBe(v1.key)
})

test('each fault of an RSA padding leaves the part closed, like every other one', () => {
  const faulty = new Map<string, Buffer>()
  for (let at = 0; at < 224; at++) {
    for (const value of at < 2 || at === 223 ? [1, 3, 0x40] : [0]) {
      const block = goodBlock()
      block[at] = value
      faulty.set(`byte ${at} is ${value}`, block)
    }
  }
  const typed = (type: number): Buffer => goodBlock().fill(type, 1, 2)
  faulty.set('block type 0', typed(0))
  faulty.set('block type 1', typed(1).fill(0xff, 2, 223))
  faulty.set('a part one byte short', goodBlock(222, part.subarray(1)))
  faulty.set('a part one byte long', goodBlock(220, Buffer.concat([Buffer.of(1), part])))
  faulty.set('no part', goodBlock(253, Buffer.alloc(0)))
  faulty.set('no separator', goodBlock().fill(0xa7, 223, 224))
  faulty.set('a whole block of a part', goodBlock(0, Buffer.alloc(253, 1)))
  faulty.set('zeros', Buffer.alloc(256))
  faulty.set('one', Buffer.alloc(256).fill(1, 255))
  const opened = [...faulty].filter(([, block]) => outcome(ofBlock(block), rsaImporter.privateKey) !== 'closed')
  expect(faulty.size).toBeGreaterThan(224)
  expect(opened.map(([fault]) => fault)).toEqual([])
})

test('a ciphertext that is no number below the modulus, or a random one, leaves the part closed', () => {
  expect(outcome(rsaInfo(Buffer.alloc(256, 0xff)), rsaImporter.privateKey)).toBe('closed')
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 256, maxLength: 256 }), (ciphertext) => {
      expect(outcome(rsaInfo(ciphertext), rsaImporter.privateKey)).toBe('closed')
    }),
    { numRuns: 50 },
  )
})

test('a ciphertext of another size, or a structure for another version or algorithm, is refused', () => {
  for (const size of [0, 255, 257]) {
    expect(outcome(rsaInfo(Buffer.alloc(size)), rsaImporter.privateKey)).toBe('refused')
  }
  const good = rsaInfo(ofBlock(goodBlock()).subarray(-256))
  expect(outcome(good, rsaImporter.privateKey)).toBe(v1.key)
  for (const [from, to] of [
    ['020102', '020103'],
    ['2a864886f70d010101', '2a864886f70d010107'],
    ['0500', '0400'],
  ] as const) {
    const altered = Buffer.from(good.toString('hex').replace(from, to), 'hex')
    expect(altered).not.toEqual(good)
    expect(outcome(altered, rsaImporter.privateKey)).toBe('refused')
  }
})

test('an importer read back from its stored form opens what was sealed to it', () => {
  const sealed = sealPart(part, importer.publicKey, recipient)
  const stored = importer.privateKey.export({ format: 'der', type: 'pkcs8' })
  expect(openPart(sealed, createPrivateKey({ key: stored, format: 'der', type: 'pkcs8' }))).toEqual(part)
})
