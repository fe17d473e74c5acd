/** HTPRequest and HTPResponse: the texts that carry CPRBs over HTTP (TKE reference, sections 2.1 and 2.2). */

/** Longest request taken: eight signatures on three key parts are under 24,000 characters. */
export const HTP_CHARACTERS_MAX = 64 * 1024

/** What the catcher in front of a module refuses: error type, return code, reason (section 2.2). */
export class HtpError extends Error {
  readonly type: number
  readonly returnCode: number
  readonly reason: number
  constructor(type: number, returnCode: number, reason: number, message: string) {
    super(message)
    this.name = 'HtpError'
    this.type = type
    this.returnCode = returnCode
    this.reason = reason
  }
}

export interface HtpRequest {
  readonly moduleIndex: number
  readonly cprb: Buffer
}

export function encodeHtpRequest(moduleIndex: number, cprb: Uint8Array): string {
  const rest = `;PCI request;XPNUM   ;${moduleIndex};        ;${Buffer.from(cprb).toString('hex').toUpperCase()}`
  return `${rest.length}${rest}`
}

/** @throws HtpError */
export function decodeHtpRequest(text: string): HtpRequest {
  if (text.length > HTP_CHARACTERS_MAX) throw new HtpError(11, 3, 0, 'The request is longer than allowed')
  const fields = text.split(';', 7)
  const [length = '', kind, program, moduleIndex = '', blanks, hex = ''] = fields
  const isKnown = fields.length === 6 && kind === 'PCI request' && program === 'XPNUM   ' && blanks === '        '
  if (!isKnown) throw new HtpError(11, 3, 0, 'The message type is not known')
  if (!/^\d{1,8}$/.test(length) || Number(length) !== text.length - length.length) {
    throw new HtpError(11, 3, 0, 'The request is not as long as it says')
  }
  if (!/^\d{1,8}$/.test(moduleIndex)) throw new HtpError(9, 1, 0, 'The crypto module index is not an integer')
  if (!/^[0-9A-Fa-f]*$/.test(hex)) throw new HtpError(9, 12, 0, 'The command holds what is no hexadecimal digit')
  if (hex.length % 2 !== 0) throw new HtpError(9, 13, 0, 'The command has an odd number of hexadecimal digits')
  return { moduleIndex: Number(moduleIndex), cprb: Buffer.from(hex, 'hex') }
}

const PROGRAM = 'SOFTCU  '
const LOCATION_CHARACTERS = 30
const TEXT_CHARACTERS = 100
const ERROR_INFO_CHARACTERS = 156

/** An answer with a CPRB in it. */
export function encodeHtpResponse(cprb: Uint8Array): string {
  return response(errorInfo('00', 0, 0, ''), Buffer.from(cprb).toString('hex').toUpperCase())
}

/** An answer of the catcher itself; nothing reached a module. */
export function encodeHtpError({ type, returnCode, reason, message }: HtpError): string {
  return response(errorInfo(String(type).padEnd(2), returnCode, reason, message), '')
}

function errorInfo(type: string, returnCode: number, reason: number, text: string): string {
  // No semicolon may stand in it: clients split there.
  const words = text.replaceAll(';', ',').slice(0, TEXT_CHARACTERS).padEnd(TEXT_CHARACTERS)
  const codes = String(returnCode).padStart(8) + String(reason).padStart(8)
  return `${type}${codes}${PROGRAM}${' '.repeat(LOCATION_CHARACTERS)}${words}`
}

function response(info: string, hex: string): string {
  const rest = `;${info};${hex}`
  return `${rest.length}${rest}`
}

/** @throws HtpError when the catcher refused, or the text is no HTPResponse */
export function decodeHtpResponse(text: string): Buffer {
  const [, info = '', hex = ''] = text.split(';', 3)
  if (info.length < ERROR_INFO_CHARACTERS) throw new HtpError(11, 3, 0, 'The answer is no HTPResponse')
  const type = info.slice(0, 2).trim()
  if (type !== '00') {
    const message = info.slice(56, ERROR_INFO_CHARACTERS).trim()
    throw new HtpError(Number(type), Number(info.slice(2, 10)), Number(info.slice(10, 18)), message)
  }
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(hex)) throw new HtpError(9, 12, 0, 'The answer holds no hexadecimal digits')
  return Buffer.from(hex, 'hex')
}
