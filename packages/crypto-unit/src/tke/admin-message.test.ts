/** Requests and answers of a domain: V4's whole request, V12's whole answer, and strict counts of members. */
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
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
  functions,
  infoQueries,
  splitRequests,
} from './admin-message.ts'
import { attributes, decodeAttributes } from './attributes.ts'
import { queries } from './command-block.ts'
import { decodeCprb, encodeCprb } from './cprb.ts'
import { membersOf, octets, sequence, tags, word } from './der.ts'
import { decodeHtpResponse, encodeHtpResponse } from './htp.ts'
import { verifyDeviceCertificate } from './device-certificate.ts'
import { decodeSignerInfos, encodeSignerInfo, verifySignerInfo } from './signer-info.ts'
import { ProtocolError } from '../frames.ts'
import { v11, v12, v4 } from '../testing/tke-vectors.ts'

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const bytes = fc.uint8Array({ maxLength: 300 })
const block = Buffer.from(v4.block, 'hex')
const signerInfo = Buffer.from(v4.signerInfo, 'hex')
const request = encodeAdminRequest(7, block, [signerInfo])
const FUNCTION_ADMIN = 0x0001_0029
const FUNCTION_INFO = 0x0001_0026

test('vector V4: block and signature make the request of the reference, 319 bytes with its hash', () => {
  expect(request.length).toBe(v4.requestBytes)
  expect(request.toString('hex').startsWith(v4.requestHead)).toBe(true)
  expect(createHash('sha256').update(request).digest('hex')).toBe(v4.requestSha256)
  expect(decodeDomainRequest(request)).toEqual({
    kind: 'admin',
    functionId: FUNCTION_ADMIN,
    domainIndex: 7,
    block,
    signerInfos: signerInfo,
  })
})

test('vector V12: the answer is read, its signature is of the module of V11, and it is printed to the same bytes', () => {
  const text = `902;${v12.errorInfo};${v12.cprb.toUpperCase()}`
  const cprb = decodeCprb(decodeHtpResponse(text))
  const answer = decodeDomainResponse(cprb.payload)
  if (answer.kind !== 'admin') throw new Error('The answer has no block.')
  const read = decodeResponseBlock(answer.block)
  expect(read).toMatchObject({
    id: queries.ATTRIBUTES,
    domainIndex: 3,
    domainInstance: 0xa53ad845,
    serial: '93AABS00',
    moduleInstance: 1n,
    counter: 0n,
    returnCode: 0,
  })
  expect([...decodeAttributes(Buffer.from(read.payload))]).toEqual([
    [attributes.SIGNATURE_THRESHOLD, 0],
    [attributes.REVOCATION_THRESHOLD, 0],
    [attributes.PERMISSIONS, 0x81ff0011],
    [attributes.MODE, 0x00040202],
    [attributes.STANDARDS, 0],
  ])

  const moduleKey = verifyDeviceCertificate(Buffer.from(v11.certificate, 'hex'), v11.root)
  const [signer, ...others] = decodeSignerInfos(answer.signerInfo)
  if (signer === undefined) throw new Error('The answer is not signed.')
  expect(others).toEqual([])
  expect(verifySignerInfo(answer.block, signer, moduleKey)).toBe(true)
  expect(verifySignerInfo(answer.block.subarray(1), signer, moduleKey)).toBe(false)

  const printed = encodeAdminResponse(
    FUNCTION_ADMIN,
    3,
    encodeResponseBlock(read),
    encodeSignerInfo(Buffer.from(signer.ski, 'hex'), signer.form, signer.signature),
  )
  expect(encodeHtpResponse(encodeCprb(3, printed))).toBe(text)
})

test('a request is read back as it was written', () => {
  fc.assert(
    fc.property(u32, bytes, fc.array(bytes, { maxLength: 3 }), (domainIndex, anyBlock, infos) => {
      expect(decodeDomainRequest(encodeAdminRequest(domainIndex, anyBlock, infos))).toEqual({
        kind: 'admin',
        functionId: FUNCTION_ADMIN,
        domainIndex,
        block: Buffer.from(anyBlock),
        signerInfos: Buffer.concat(infos),
      })
    }),
  )
  for (const query of Object.values(infoQueries)) {
    expect(decodeDomainRequest(encodeInfoRequest(7, query))).toEqual({
      kind: 'info',
      functionId: FUNCTION_INFO,
      domainIndex: 7,
      query,
    })
  }
})

test("the high half of a function is the client's, and another low half is refused", () => {
  const of = (functionId: number): Buffer => sequence(word(functionId), word(7), octets(block), octets())
  for (const functionId of [functions.ADMIN, 0x0006_0029, 0xffff_0029]) {
    expect(decodeDomainRequest(of(functionId))).toMatchObject({ kind: 'admin', functionId })
  }
  for (const functionId of [0, 0x0001_002a, 0x0001_0129, 0x0029_0000]) {
    expect(() => decodeDomainRequest(of(functionId))).toThrow(ProtocolError)
  }
})

test('a request with a member too many or too few is refused', () => {
  const admin = [word(FUNCTION_ADMIN), word(7), octets(block), octets()]
  const info = [word(FUNCTION_INFO), word(7), word(1), word(0)]
  for (const four of [admin, info]) {
    decodeDomainRequest(sequence(...four))
    expect(() => decodeDomainRequest(sequence(...four, octets()))).toThrow(ProtocolError)
    for (const count of [0, 1, 2, 3]) {
      expect(() => decodeDomainRequest(sequence(...four.slice(0, count)))).toThrow(ProtocolError)
    }
  }
})

test('a request cut off anywhere is refused', () => {
  for (let count = 0; count < request.length; count++) {
    expect(() => decodeDomainRequest(request.subarray(0, count))).toThrow(ProtocolError)
  }
})

test('requests one behind the other are taken apart, each as it stands', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), (blocks) => {
      const requests = blocks.map((one) => encodeAdminRequest(7, one, []))
      expect(splitRequests(Buffer.concat(requests), 20)).toEqual(requests)
    }),
  )
  expect(() => splitRequests(Buffer.concat([request, Buffer.alloc(1)]), 20)).toThrow(ProtocolError)
  expect(() => splitRequests(request.subarray(1), 20)).toThrow(ProtocolError)
})

test('of more requests than allowed one too many is given back, so that it shows, and no more are read', () => {
  const many = Buffer.concat(Array.from({ length: 500 }, () => request))
  expect(splitRequests(many, 20).length).toBe(21)
  expect(splitRequests(many.subarray(0, 20 * request.length), 20).length).toBe(20)
})

const anyResponseBlock = fc.record({
  id: u32,
  domainIndex: u32,
  domainInstance: u32,
  serial: fc.stringMatching(/^[0-9A-Z]{8}$/),
  moduleInstance: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  counter: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  returnCode: u32,
  payload: bytes.map((payload) => Buffer.from(payload)),
})

test("an answer's block is read back as it was written", () => {
  fc.assert(
    fc.property(anyResponseBlock, (one) => {
      expect(decodeResponseBlock(encodeResponseBlock(one))).toEqual(one)
    }),
  )
})

test("an answer's block with a member too many, or cut off anywhere, is refused", () => {
  const whole = encodeResponseBlock({
    id: queries.ATTRIBUTES,
    domainIndex: 3,
    domainInstance: 1,
    serial: 'SOFT0001',
    moduleInstance: 1n,
    counter: 9n,
    returnCode: 0,
    payload: Buffer.alloc(4),
  })
  for (let count = 0; count < whole.length; count++) {
    expect(() => decodeResponseBlock(whole.subarray(0, count))).toThrow(ProtocolError)
  }
  const members = membersOf(whole)
  const six = Array.from({ length: 6 }, () => members.whole(tags.OCTET_STRING))
  expect(sequence(...six)).toEqual(whole)
  expect(() => decodeResponseBlock(sequence(...six, octets()))).toThrow(ProtocolError)
  expect(() => decodeResponseBlock(sequence(...six.slice(0, 5)))).toThrow(ProtocolError)
})

test('an answer is signed, refused or of information by how many members it has', () => {
  fc.assert(
    fc.property(u32, u32, bytes, bytes, (domainIndex, returnCode, first, second) => {
      const of = (answer: Buffer): unknown => decodeDomainResponse(answer)
      expect(of(encodeShortError(FUNCTION_ADMIN, domainIndex, returnCode))).toEqual({ kind: 'refused', returnCode })
      expect(of(encodeInfoResponse(FUNCTION_INFO, domainIndex, first))).toEqual({
        kind: 'info',
        payload: Buffer.from(first),
      })
      expect(of(encodeAdminResponse(FUNCTION_ADMIN, domainIndex, first, second))).toEqual({
        kind: 'admin',
        block: Buffer.from(first),
        signerInfo: Buffer.from(second),
      })
    }),
  )
})

test('an answer of two or six members is refused', () => {
  const six = [word(FUNCTION_ADMIN), word(7), word(0), octets(), octets(), octets()]
  for (const count of [0, 1, 2, 6]) {
    expect(() => decodeDomainResponse(sequence(...six.slice(0, count)))).toThrow(ProtocolError)
  }
})

test('an answer with lengths as real modules write them says the same', () => {
  const { payload } = decodeCprb(Buffer.from(v12.cprb, 'hex'))
  const answer = decodeDomainResponse(payload)
  if (answer.kind !== 'admin') throw new Error('The answer has no block.')
  const long = Buffer.concat([Buffer.from('30820064', 'hex'), answer.block.subarray(2)])
  expect(decodeResponseBlock(long)).toEqual(decodeResponseBlock(answer.block))
})
