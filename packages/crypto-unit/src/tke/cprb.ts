/** CPRB: the 32-byte head around each request and answer of a domain (TKE reference, section 2.3). */
import { ProtocolError } from '../frames.ts'

export const CPRB_HEAD_BYTES = 32
const HEAD_LENGTH = 0x0020
const VERSION = 0x04
const FLAGS = 0x80
const FUNCTION = 'T4'

export interface Cprb {
  readonly domainIndex: number
  /** Answers only: 0, or a return code in the high and a reason in the low half. */
  readonly returnCode: number
  readonly payload: Buffer
}

export function encodeCprb(domainIndex: number, payload: Uint8Array, returnCode = 0): Buffer {
  const head = Buffer.alloc(CPRB_HEAD_BYTES)
  head.writeUInt16BE(HEAD_LENGTH, 0)
  head[2] = VERSION
  head[5] = FLAGS
  head.write(FUNCTION, 6, 'latin1')
  head.writeUInt32BE(domainIndex, 12)
  head.writeUInt32BE(returnCode, 16)
  head.writeUInt32BE(payload.length, 28)
  return Buffer.concat([head, payload])
}

/** @throws ProtocolError `MALFORMED` when the head is another one, or the payload is not as long as it says */
export function decodeCprb(bytes: Buffer): Cprb {
  const fits =
    bytes.length >= CPRB_HEAD_BYTES &&
    bytes.readUInt16BE(0) === HEAD_LENGTH &&
    bytes[2] === VERSION &&
    bytes.toString('latin1', 6, 8) === FUNCTION
  if (!fits) throw new ProtocolError('MALFORMED', 'This is not a CPRB.')
  if (bytes.readUInt32BE(28) !== bytes.length - CPRB_HEAD_BYTES) {
    throw new ProtocolError('MALFORMED', "The CPRB's payload is not as long as its head says.")
  }
  return {
    domainIndex: bytes.readUInt32BE(12),
    returnCode: bytes.readUInt32BE(16),
    payload: bytes.subarray(CPRB_HEAD_BYTES),
  }
}
