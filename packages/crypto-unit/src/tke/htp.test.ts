/** HTPRequest and HTPResponse: every text of vector V5, the answer of V12, and what a catcher refuses with which code. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeAdminRequest, encodeInfoRequest, infoQueries } from './admin-message.ts'
import { encodeQueryBlock, queries } from './command-block.ts'
import { encodeCprb } from './cprb.ts'
import { wordBytes } from './der.ts'
import {
  decodeHtpRequest,
  decodeHtpResponse,
  encodeHtpError,
  encodeHtpRequest,
  encodeHtpResponse,
  HTP_CHARACTERS_MAX,
  HtpError,
} from './htp.ts'
import { v12, v5 } from '../testing/tke-vectors.ts'

const query = (id: number, payload?: Uint8Array): Buffer => encodeAdminRequest(7, encodeQueryBlock(id, 7, payload), [])
/** The messages in the texts of V5. */
const v5Messages: Record<keyof typeof v5, Buffer> = {
  deviceCertificate0: query(queries.DEVICE_CERTIFICATE, wordBytes(0)),
  certificateCount: query(queries.DEVICE_CERTIFICATE),
  attributes: query(queries.ATTRIBUTES),
  administrators: query(queries.ADMINISTRATORS),
  controlPoints: query(queries.CONTROL_POINTS),
  domainInfo: encodeInfoRequest(7, infoQueries.DOMAIN),
  moduleInfo: encodeInfoRequest(7, infoQueries.MODULE),
}

test.each(Object.entries(v5))('vector V5, %s: the text is written as the client writes it, and read', (name, text) => {
  const cprb = encodeCprb(7, v5Messages[name as keyof typeof v5])
  expect(encodeHtpRequest(2, cprb)).toBe(text)
  expect(decodeHtpRequest(text)).toEqual({ moduleIndex: 2, cprb })
})

test('vector V12: the answer begins with its length and 156 characters without an error', () => {
  const cprb = Buffer.from(v12.cprb, 'hex')
  const text = `902;${v12.errorInfo};${v12.cprb.toUpperCase()}`
  expect(v12.errorInfo.length).toBe(156)
  expect(encodeHtpResponse(cprb)).toBe(text)
  expect(decodeHtpResponse(text)).toEqual(cprb)
})

test('requests and answers are read back as they were written', () => {
  fc.assert(
    fc.property(fc.nat(99_999_999), fc.uint8Array({ minLength: 1, maxLength: 300 }), (moduleIndex, bytes) => {
      const cprb = Buffer.from(bytes)
      expect(decodeHtpRequest(encodeHtpRequest(moduleIndex, cprb))).toEqual({ moduleIndex, cprb })
      expect(decodeHtpResponse(encodeHtpResponse(cprb))).toEqual(cprb)
    }),
  )
})

function refusal(text: string): string {
  try {
    decodeHtpRequest(text)
  } catch (error) {
    return error instanceof HtpError ? `${error.type}/${error.returnCode}/${error.reason}` : 'another error'
  }
  return 'taken'
}

/** The text with its length before it. */
const counted = (rest: string): string => `${rest.length}${rest}`

test('each fault of a request has the code that clients know for it', () => {
  const head = ';PCI request;XPNUM   ;'
  const refusals = [
    ['', '11/3/0'],
    [counted(`${head}2;        ;00`), 'taken'],
    [counted(`${head}2;        ;ab`), 'taken'],
    [counted(`;PCI Request;XPNUM   ;2;        ;00`), '11/3/0'],
    [counted(`;PCI request;XPNUM;2;        ;00`), '11/3/0'],
    [counted(`${head}2;;00`), '11/3/0'],
    [counted(`${head}2;        `), '11/3/0'],
    [counted(`${head}2;        ;00;`), '11/3/0'],
    [`30${head}2;        ;00`, '11/3/0'],
    [`-33${head}2;        ;00`, '11/3/0'],
    [`0x21${head}2;        ;00`, '11/3/0'],
    [`${head}2;        ;00`, '11/3/0'],
    [counted(`${head};        ;00`), '9/1/0'],
    [counted(`${head}-1;        ;00`), '9/1/0'],
    [counted(`${head}2 ;        ;00`), '9/1/0'],
    [counted(`${head}1e3;        ;00`), '9/1/0'],
    [counted(`${head}123456789;        ;00`), '9/1/0'],
    [counted(`${head}2;        ;0g`), '9/12/0'],
    [counted(`${head}2;        ;00\n`), '9/12/0'],
    [counted(`${head}2;        ;000`), '9/13/0'],
  ] as const
  for (const [text, expected] of refusals) expect([text, refusal(text)]).toEqual([text, expected])
})

test('a request cut off anywhere is refused', () => {
  for (let count = 0; count < v5.attributes.length; count++) {
    expect(refusal(v5.attributes.slice(0, count))).not.toBe('taken')
  }
})

test('a request is as long as allowed, and no longer', () => {
  const fixed = encodeHtpRequest(2, Buffer.alloc(0)).length + '65536'.length - '37'.length
  const most = Math.floor((HTP_CHARACTERS_MAX - fixed) / 2)
  expect(refusal(encodeHtpRequest(2, Buffer.alloc(most)))).toBe('taken')
  expect(refusal(encodeHtpRequest(2, Buffer.alloc(most + 1)))).toBe('11/3/0')
})

test("a catcher's refusal is read back as it was written, and no semicolon cuts it", () => {
  const error = fc.record({
    type: fc.constantFrom(9, 10, 11, 13, 15, 18, 23),
    returnCode: fc.nat(9999),
    reason: fc.nat(9999),
    message: fc.string({ maxLength: 140 }),
  })
  fc.assert(
    fc.property(error, ({ type, returnCode, reason, message }) => {
      const text = encodeHtpError(new HtpError(type, returnCode, reason, message))
      const fields = text.split(';')
      expect(fields.map((field) => field.length)).toEqual([3, 156, 0])
      expect(Number(fields[0])).toBe(text.length - 3)
      const read = errorIn(text)
      expect(read).toMatchObject({ type, returnCode, reason })
      expect(read?.message).toBe(message.replaceAll(';', ',').slice(0, 100).trim())
    }),
  )
})

function errorIn(text: string): HtpError | undefined {
  try {
    decodeHtpResponse(text)
  } catch (error) {
    if (error instanceof HtpError) return error
    throw error
  }
  return undefined
}

test('every semicolon of a message becomes a comma', () => {
  expect(errorIn(encodeHtpError(new HtpError(9, 2, 0, 'a;b;;c')))?.message).toBe('a,b,,c')
})

test('the type of a refusal is followed by a blank, not led by a zero, and the columns are those of clients', () => {
  const [, info = ''] = encodeHtpError(new HtpError(9, 12, 0, 'Bad digit')).split(';')
  expect(info.slice(0, 2)).toBe('9 ')
  expect(info.slice(2, 10)).toBe('      12')
  expect(info.slice(10, 18)).toBe('       0')
  expect(info.slice(18, 26)).toBe('SOFTCU  ')
  expect(info.slice(26, 56)).toBe(' '.repeat(30))
  expect(info.slice(56)).toBe('Bad digit'.padEnd(100))
})

test('an answer without error information, or whose command is no hexadecimal, is refused', () => {
  const short = `8;${v12.errorInfo.slice(0, 155)};00`
  for (const text of ['', ';', '0;;', short, `9;${v12.errorInfo}`, `9;${v12.errorInfo};`]) {
    expect(errorIn(text)).toBeInstanceOf(HtpError)
  }
  for (const hex of ['0', '0g', ' 00', '00\n']) {
    expect(errorIn(counted(`;${v12.errorInfo};${hex}`))).toMatchObject({ type: 9, returnCode: 12 })
  }
})
