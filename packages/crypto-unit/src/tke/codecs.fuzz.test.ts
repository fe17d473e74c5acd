/** Whatever bytes a client or a module sends: a value within them, or the one error that says they are malformed. */
import { generateKeyPairSync, KeyObject } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeDomainRequest,
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  encodeAdminResponse,
  encodeInfoRequest,
  encodeInfoResponse,
  encodeResponseBlock,
  encodeShortError,
  splitRequests,
} from './admin-message.ts'
import {
  ADMINISTRATOR_NAME_CHARACTERS_MAX,
  administratorSki,
  createAdministratorCertificate,
  parseAdministratorCertificate,
} from './administrator-certificate.ts'
import { decodeAttributes, encodeAttributes } from './attributes.ts'
import { decodeAnyBlock, decodeCommandBlock, encodeCommandBlock, encodeQueryBlock } from './command-block.ts'
import { CPRB_HEAD_BYTES, decodeCprb, encodeCprb } from './cprb.ts'
import { DerReader, wordBytes } from './der.ts'
import {
  decodeDeviceCertificate,
  makeDeviceCertificate,
  rootOf,
  verifyDeviceCertificate,
} from './device-certificate.ts'
import {
  decodeHtpRequest,
  decodeHtpResponse,
  encodeHtpError,
  encodeHtpRequest,
  encodeHtpResponse,
  HTP_CHARACTERS_MAX,
  HtpError,
} from './htp.ts'
import { pointOfKey, publicKeyOfPoint } from './p521.ts'
import {
  decodeHolderCertificate,
  decodeParameters,
  encodeHolderCertificate,
  encodeParameters,
} from './parameter-file.ts'
import { decodeKeyAgreement, encodeKeyAgreement, openPart, sealPart } from './recipient-info.ts'
import {
  decodeSignerInfos,
  encodeSignerInfo,
  makeSignerInfo,
  SIGNER_INFOS_MAX,
  verifySignerInfo,
} from './signer-info.ts'
import { ProtocolError } from '../frames.ts'
import { v11, v12, v2, v3Certificate, v4, v5, v8RecipientInfo } from '../testing/tke-vectors.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const part = Buffer.alloc(32, 0x5c)
const recipient = hex(v2.importerSki)
const point = hex(`04${v2.x}${v2.y}`)
const moduleKey = publicKeyOfPoint(decodeDeviceCertificate(hex(v11.certificate)).point)
const block = hex(v4.block)
const signerInfos = Buffer.concat([hex(v4.signerInfo), makeSignerInfo(block, hex(v2.ski), rsa.privateKey)])
const request = encodeAdminRequest(7, block, [signerInfos])
const cprb = hex(v12.cprb)
const answer = cprb.subarray(CPRB_HEAD_BYTES)
const responseBlock = answer.subarray(answer.indexOf('3064', 'hex'), answer.indexOf('3064', 'hex') + 0x66)
const root = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey

/** One decoder, messages that it takes, and what is true of all that comes out of it. */
interface Decoder {
  readonly samples: readonly Buffer[]
  readonly decode: (bytes: Buffer) => unknown
  readonly error: typeof ProtocolError | typeof HtpError
  readonly holds: (value: unknown, bytes: Buffer) => boolean
  /** The value as a message again, where it has all that the message said. */
  readonly encode: ((value: unknown) => Buffer) | undefined
}

function decoder<Value>(
  samples: readonly Buffer[],
  decode: (bytes: Buffer) => Value,
  holds: (value: Value, bytes: Buffer) => boolean,
  encode?: (value: Value) => Buffer,
): Decoder {
  return {
    samples,
    decode,
    error: ProtocolError,
    holds: holds as Decoder['holds'],
    encode: encode as Decoder['encode'],
  }
}

/** A decoder of texts, which are mutated as bytes. */
function textDecoder<Value>(
  samples: readonly string[],
  decode: (text: string) => Value,
  holds: (value: Value, text: string) => boolean,
  encode: (value: Value) => string,
): Decoder {
  const text = (bytes: Buffer): string => bytes.toString('latin1')
  return {
    ...decoder(
      samples.map((sample) => Buffer.from(sample, 'latin1')),
      (bytes) => decode(text(bytes)),
      (value, bytes) => holds(value, text(bytes)),
      (value) => Buffer.from(encode(value), 'latin1'),
    ),
    error: HtpError,
  }
}

const always = (): boolean => true
/** A text with its right length before it, so that more than the length is looked at. */
const counted = (rest: string): string => `${rest.length}${rest}`
const uncounted = (text: string): string => text.slice(text.indexOf(';'))
const htpAnswers = [encodeHtpResponse(cprb), encodeHtpError(new HtpError(9, 2, 0, 'Out of range'))] as const

const decoders: Record<string, Decoder> = {
  elements: decoder(
    [request, answer, signerInfos, hex(v8RecipientInfo)],
    (bytes) => {
      const reader = new DerReader(bytes)
      const list: Buffer[] = []
      while (!reader.atEnd) list.push(reader.whole(bytes[reader.offset] ?? 0))
      return list
    },
    (list, bytes) => Buffer.concat(list).equals(bytes),
  ),
  'any block': decoder([block, encodeQueryBlock(0x1_0003, 7, wordBytes(1))], decodeAnyBlock, always),
  'command block': decoder([block], decodeCommandBlock, always, encodeCommandBlock),
  request: decoder([request, encodeInfoRequest(7, 3)], decodeDomainRequest, always),
  'several requests': decoder(
    [Buffer.concat([request, request, request])],
    (bytes) => splitRequests(bytes, 20),
    (list) => list.length <= 21,
  ),
  response: decoder(
    [answer, encodeShortError(0x0001_0029, 7, 3), encodeInfoResponse(0x0001_0026, 7, Buffer.alloc(80))],
    decodeDomainResponse,
    always,
    (value) => {
      if (value.kind === 'refused') return encodeShortError(1, 7, value.returnCode)
      if (value.kind === 'info') return encodeInfoResponse(1, 7, value.payload)
      return encodeAdminResponse(1, 7, value.block, value.signerInfo)
    },
  ),
  'response block': decoder([responseBlock], decodeResponseBlock, always, encodeResponseBlock),
  CPRB: decoder(
    [cprb],
    decodeCprb,
    ({ payload }, bytes) => payload.length === bytes.length - CPRB_HEAD_BYTES,
    (value) => encodeCprb(value.domainIndex, value.payload, value.returnCode),
  ),
  'signer infos': decoder(
    [hex(v4.signerInfo), signerInfos],
    decodeSignerInfos,
    (list) => list.length <= SIGNER_INFOS_MAX && list.every(({ signature }) => signature.length <= 256),
    (list) => Buffer.concat(list.map((one) => encodeSignerInfo(hex(one.ski), one.form, one.signature))),
  ),
  signatures: decoder(
    [hex(v4.signerInfo), signerInfos],
    (bytes) => {
      const infos = decodeSignerInfos(bytes)
      return infos.flatMap((info) => [p521.publicKey, rsa.publicKey].map((key) => verifySignerInfo(block, info, key)))
    },
    // None is of this key of P-521.
    (verdicts) => verdicts.every((verdict, at) => at % 2 === 1 || !verdict),
  ),
  'administrator certificate': decoder(
    [hex(v3Certificate), createAdministratorCertificate('Ana Ruiz', rsa.privateKey)],
    parseAdministratorCertificate,
    ({ name, ski, publicKey }) =>
      ski === administratorSki(publicKey) && name.length > 0 && name.length <= ADMINISTRATOR_NAME_CHARACTERS_MAX,
  ),
  attributes: decoder(
    [block.subarray(block.length - 32)],
    decodeAttributes,
    (found, bytes) => found.size * 8 <= bytes.length,
    (found) => encodeAttributes([...found]),
  ),
  'key agreement': decoder(
    [hex(v8RecipientInfo), sealPart(part, p521.publicKey, recipient)],
    decodeKeyAgreement,
    always,
    encodeKeyAgreement,
  ),
  'part for P-521': decoder(
    [hex(v8RecipientInfo), sealPart(part, p521.publicKey, recipient)],
    (bytes) => openPart(bytes, p521.privateKey),
    (opened) => opened === undefined || opened.equals(part),
  ),
  'part for RSA': decoder(
    [sealPart(part, rsa.publicKey, recipient)],
    (bytes) => openPart(bytes, rsa.privateKey),
    (opened) => opened === undefined || opened.equals(part),
  ),
  'parameter file': decoder(
    [
      encodeParameters([
        { type: 0x1c, index: 1, data: Buffer.alloc(0) },
        { type: 0x1d, index: 0, data: encodeHolderCertificate(point) },
        { type: 0x1f, index: 12, data: Buffer.alloc(0) },
      ]),
    ],
    decodeParameters,
    (list) => list.length <= 64,
    encodeParameters,
  ),
  'holder certificate': decoder([encodeHolderCertificate(point)], decodeHolderCertificate, always, (value) =>
    encodeHolderCertificate(value),
  ),
  'device certificate': decoder(
    [hex(v11.certificate), makeDeviceCertificate(p521.privateKey, root)],
    decodeDeviceCertificate,
    always,
  ),
  'device certificate under its root': decoder(
    [hex(v11.certificate)],
    (bytes) => verifyDeviceCertificate(bytes, v11.root),
    (key) => key.equals(moduleKey),
  ),
  'device certificate of ours': decoder(
    [makeDeviceCertificate(p521.privateKey, root)],
    (bytes) => verifyDeviceCertificate(bytes, rootOf(root)),
    (key) => key.equals(p521.publicKey),
  ),
  point: decoder([point], publicKeyOfPoint, (key, bytes) => pointOfKey(key).equals(bytes)),
  HTPRequest: textDecoder(
    Object.values(v5),
    decodeHtpRequest,
    (value, text) => value.cprb.length * 2 < text.length && Number.isSafeInteger(value.moduleIndex),
    (value) => encodeHtpRequest(value.moduleIndex, value.cprb),
  ),
  'HTPRequest with its length': textDecoder(
    Object.values(v5).map(uncounted),
    (rest) => decodeHtpRequest(counted(rest)),
    (value, rest) => value.cprb.length * 2 < rest.length,
    (value) => uncounted(encodeHtpRequest(value.moduleIndex, value.cprb)),
  ),
  HTPResponse: textDecoder(
    [htpAnswers[0]],
    decodeHtpResponse,
    (value, text) => value.length * 2 < text.length,
    encodeHtpResponse,
  ),
}

const ROOM = 64

/** The message in memory of its own, with other bytes before and behind it. */
function placed(bytes: Uint8Array, around: number): Buffer {
  const memory = new Uint8Array(ROOM + bytes.length + ROOM).fill(around)
  memory.set(bytes, ROOM)
  return Buffer.from(memory.buffer, ROOM, bytes.length)
}

/** Pieces of the message's own memory that a value holds. */
function viewsIn(value: unknown, memory: ArrayBufferLike): Uint8Array[] {
  if (value instanceof Uint8Array) return value.buffer === memory ? [value] : []
  if (value instanceof KeyObject || value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap((member) => viewsIn(member, memory))
}

/** The value in words: equal for equal values. */
function described(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, name: string, shown: unknown) {
    const original = this[name]
    if (original instanceof Uint8Array) return Buffer.from(original).toString('hex')
    if (original instanceof KeyObject) return original.export({ format: 'der', type: 'spki' }).toString('hex')
    if (original instanceof Map) return [...original]
    return typeof original === 'bigint' ? `${original}n` : shown
  })
}

/** What is wrong with how the decoder takes these bytes; undefined when nothing is. */
function faultOf({ decode, error: expected, holds, encode }: Decoder, bytes: Uint8Array): string | undefined {
  const results: string[] = []
  for (const around of [0x00, 0xff]) {
    const message = placed(bytes, around)
    let value: unknown
    try {
      value = decode(message)
    } catch (error) {
      if (!(error instanceof expected)) return `throws ${String(error)}`
      results.push('refused')
      continue
    }
    if (!message.equals(bytes)) return 'alters the message'
    const reaches = viewsIn(value, message.buffer).some(
      (view) => view.byteOffset < ROOM || view.byteOffset + view.length > ROOM + bytes.length,
    )
    if (reaches) return 'reaches beyond the message'
    if (!holds(value, message)) return `gives ${described(value)}`
    if (encode !== undefined && described(decode(encode(value))) !== described(value))
      return 'reads its own print otherwise'
    results.push(`value ${described(value)}`)
  }
  return results[0] === results[1] ? undefined : 'depends on what lies around the message'
}

type Mutation = (bytes: Buffer) => Buffer

/** A place in a message of any length. */
const place = fc.integer({ min: 0, max: 0xffff })
const at = (bytes: Buffer, where: number): number => where % (bytes.length + 1)
/** Bytes that mean something in DER: tags, and lengths of every form. */
const telling = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 0x20, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0xa0, 0xa1, 0xff)

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.subarray(at(bytes, where)),
  ),
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([where, bit]): Mutation => (bytes) => {
    const altered = Buffer.from(bytes)
    const index = at(bytes, where)
    if (index < altered.length) altered[index] = (altered[index] ?? 0) ^ (1 << bit)
    return altered
  }),
  fc.tuple(place, telling).map(([where, byte]): Mutation => (bytes) => {
    const altered = Buffer.from(bytes)
    const index = at(bytes, where)
    if (index < altered.length) altered[index] = byte
    return altered
  }),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([where, more]): Mutation => (bytes) => {
    const index = at(bytes, where)
    return Buffer.concat([bytes.subarray(0, index), more, bytes.subarray(index)])
  }),
  fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(([where, count]): Mutation => (bytes) => {
    const index = at(bytes, where)
    return Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + count)])
  }),
  fc.tuple(place, place).map(([from, to]): Mutation => (bytes) => {
    const [start, end] = [at(bytes, from), at(bytes, to)].toSorted((a, b) => a - b) as [number, number]
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])
  }),
  fc.constant<Mutation>((bytes) => Buffer.concat([bytes, bytes])),
)

describe.each(Object.entries(decoders))('%s', (_, one) => {
  test('the valid messages are taken, and read back from their own print', () => {
    for (const sample of one.samples) {
      expect(() => one.decode(sample)).not.toThrow()
      expect(faultOf(one, sample)).toBeUndefined()
    }
  })

  test('arbitrary bytes give a value within them, or the error for malformed ones', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(faultOf(one, bytes)).toBeUndefined()
      }),
      { seed, numRuns: 150 },
    )
  })

  test('valid messages altered in one to four places give a value within them, or the error for malformed ones', () => {
    const altered = fc
      .tuple(fc.constantFrom(...one.samples), fc.array(mutation, { minLength: 1, maxLength: 4 }))
      .map(([sample, mutations]) => mutations.reduce((bytes, mutate) => mutate(bytes), sample))
    fc.assert(
      fc.property(altered, (bytes) => {
        expect(faultOf(one, bytes)).toBeUndefined()
      }),
      { seed, numRuns: 400 },
    )
  })

  test('every byte of a valid message can be any telling one, and every length can be cut', () => {
    const [sample = Buffer.alloc(0)] = one.samples
    const few = sample.length > 400 ? 5 : 2
    for (let index = 0; index < sample.length; index += few) {
      const altered = Buffer.from(sample)
      altered[index] = [0x30, 0x80, 0x81, 0x83, 0xff][index % 5] as number
      expect([index, faultOf(one, altered)]).toEqual([index, undefined])
      expect([index, faultOf(one, sample.subarray(0, index))]).toEqual([index, undefined])
    }
  })

  test('the largest hostile messages are answered too', () => {
    for (const [name, bytes] of Object.entries(hostile)) expect([name, faultOf(one, bytes)]).toEqual([name, undefined])
  })
})

/** Sequences in each other, each as long as what is left. */
function nested(depth: number, tag: number): Buffer {
  const bytes = Buffer.alloc(depth * 5)
  for (let level = 0; level < depth; level++) {
    bytes[level * 5] = tag
    bytes[level * 5 + 1] = 0x83
    bytes.writeUIntBE((depth - level - 1) * 5, level * 5 + 2, 3)
  }
  return bytes
}

const repeated = (text: string, count: number): Buffer => Buffer.from(text.repeat(count), 'hex')
const hostile: Record<string, Buffer> = {
  nothing: Buffer.alloc(0),
  'sequences in each other': nested(13_000, 0x30),
  'contexts in each other': nested(13_000, 0xa0),
  'indefinite sequences': repeated('3080', 32_000),
  'empty sequences': repeated('3000', 32_000),
  'empty octet strings in a sequence': Buffer.concat([hex('3082fa00'), repeated('0400', 32_000)]),
  'longest lengths': repeated('3083ffffff', 13_000),
  zeros: Buffer.alloc(HTP_CHARACTERS_MAX),
  ones: Buffer.alloc(HTP_CHARACTERS_MAX, 0xff),
  semicolons: Buffer.alloc(HTP_CHARACTERS_MAX, ';'),
  digits: Buffer.alloc(HTP_CHARACTERS_MAX, '9'),
  'an answer of digits': Buffer.from(htpAnswers[0] + 'A'.repeat(HTP_CHARACTERS_MAX + 1), 'latin1'),
  'many signatures': Buffer.concat(Array.from({ length: 300 }, () => hex(v4.signerInfo))),
  'many requests': Buffer.concat(Array.from({ length: 150 }, () => request)),
}

test('a text made of anything is neither a request nor an answer, and the error says so', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 300 }))
  fc.assert(
    fc.property(text, (one) => {
      expect(refusalOf(() => decodeHtpRequest(one))).toBeInstanceOf(HtpError)
      expect(refusalOf(() => decodeHtpRequest(counted(one)))).toBeInstanceOf(HtpError)
      expect(refusalOf(() => decodeHtpResponse(one))).toBeInstanceOf(HtpError)
    }),
    { seed, numRuns: 300 },
  )
})

test('an altered refusal of the catcher is still one, or an answer', () => {
  const sample: Buffer = Buffer.from(htpAnswers[1], 'latin1')
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      const altered = mutations.reduce((bytes, mutate) => mutate(bytes), sample)
      const refusal = refusalOf(() => decodeHtpResponse(altered.toString('latin1')))
      expect(refusal === undefined || refusal instanceof HtpError).toBe(true)
    }),
    { seed, numRuns: 300 },
  )
})

function refusalOf(action: () => unknown): unknown {
  try {
    action()
    return undefined
  } catch (error) {
    return error
  }
}
