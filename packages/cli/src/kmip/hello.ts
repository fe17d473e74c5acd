/** The smallest question a KMIP client can ask, Query for the server's information (KMIP 1.0, section 4.24), and its answer. */
import type { TLSSocket } from 'node:tls'
import { CliError } from '../cli-error.ts'
import type { Surroundings } from '../surroundings.ts'
import { bounded } from '../tls/server-look.ts'

/** The longest answer taken, in bytes. */
const answerBytesMax = 64 * 1024

/** Tags and types (KMIP 1.0, section 9.1). */
const tags = {
  PROTOCOL_VERSION: 0x420069,
  MAJOR: 0x42006a,
  MINOR: 0x42006b,
  BATCH_COUNT: 0x42000d,
  BATCH_ITEM: 0x42000f,
  OPERATION: 0x42005c,
  QUERY_FUNCTION: 0x420074,
  REQUEST_HEADER: 0x420077,
  REQUEST_MESSAGE: 0x420078,
  REQUEST_PAYLOAD: 0x420079,
  RESPONSE_MESSAGE: 0x42007b,
  RESULT_MESSAGE: 0x42007d,
  RESULT_REASON: 0x42007e,
  RESULT_STATUS: 0x42007f,
}
const STRUCTURE = 1
const INTEGER = 2
const ENUMERATION = 5
const QUERY = 0x18
const SERVER_INFORMATION = 3

/** Those that a client meets before it has asked for a key (KMIP 1.0, section 9.1.3.2.28). */
const reasons: Readonly<Record<number, string>> = {
  0x02: 'Response Too Large',
  0x03: 'Authentication Not Successful',
  0x04: 'Invalid Message',
  0x05: 'Operation Not Supported',
  0x0c: 'Permission Denied',
  0x100: 'General Failure',
}

/** What the server thinks of who asks. */
export interface Hello {
  readonly isKnown: boolean
  /** Whether it answered at all, and so in KMIP. */
  readonly isKmip: boolean
  /** The result reason where it is not known, such as `Authentication Not Successful`. */
  readonly reason: string | undefined
  /** The server's own sentence about it, where it gave one. */
  readonly message: string | undefined
}

/** The longest sentence of a server that is passed on, in characters. */
const messageCharsMax = 300

/** @throws CliError `UNREACHABLE`, `BAD_ANSWER` */
export async function sayHello(io: Surroundings, socket: TLSSocket): Promise<Hello> {
  let answer = Buffer.alloc(0)
  try {
    await bounded(io, socket, 'the server gave this client no answer', (done) => {
      socket.on('data', (piece: Buffer) => {
        answer = Buffer.concat([answer, piece])
        if (answer.length > answerBytesMax || isWhole(answer)) done()
      })
      socket.write(question())
    })
  } catch (error) {
    // A server that knows no such client may also hang up; with TLS 1.3 only the first answer tells.
    const isClosed = socket.destroyed && !io.signal.aborted
    if (isClosed) {
      return {
        isKnown: false,
        isKmip: false,
        reason: 'the connection was closed without an answer',
        message: undefined,
      }
    }
    throw error
  }
  const message = itemsOf(answer)[0]
  if (message?.tag !== tags.RESPONSE_MESSAGE || !isWhole(answer)) {
    throw new CliError('BAD_ANSWER', 'the answer is not KMIP', 'check the address')
  }
  if (numberIn(message.value, tags.RESULT_STATUS) === 0) {
    return { isKnown: true, isKmip: true, reason: undefined, message: undefined }
  }
  const reason = numberIn(message.value, tags.RESULT_REASON)
  return {
    isKnown: false,
    isKmip: true,
    reason: reason === undefined ? 'no reason given' : (reasons[reason] ?? `reason ${reason}`),
    message: memberIn(message.value, tags.RESULT_MESSAGE)?.toString('utf8').slice(0, messageCharsMax),
  }
}

function question(): Buffer {
  const number = (tag: number, type: number, value: number): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32BE(value)
    return item(tag, type, 4, bytes)
  }
  const structure = (tag: number, ...members: readonly Buffer[]): Buffer => {
    const value = Buffer.concat(members)
    return item(tag, STRUCTURE, value.length, value)
  }
  const header = structure(
    tags.REQUEST_HEADER,
    structure(tags.PROTOCOL_VERSION, number(tags.MAJOR, INTEGER, 1), number(tags.MINOR, INTEGER, 0)),
    number(tags.BATCH_COUNT, INTEGER, 1),
  )
  const payload = structure(tags.REQUEST_PAYLOAD, number(tags.QUERY_FUNCTION, ENUMERATION, SERVER_INFORMATION))
  const batch = structure(tags.BATCH_ITEM, number(tags.OPERATION, ENUMERATION, QUERY), payload)
  return structure(tags.REQUEST_MESSAGE, header, batch)
}

/** One TTLV item (KMIP 1.0, section 9.1.1): tag, type, length, and the value with its padding. */
function item(tag: number, type: number, length: number, padded: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUIntBE(tag, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt32BE(length, 4)
  return Buffer.concat([head, padded])
}

function isWhole(bytes: Buffer): boolean {
  return bytes.length >= 8 && bytes.length >= 8 + bytes.readUInt32BE(4)
}

interface Item {
  readonly tag: number
  readonly type: number
  readonly value: Buffer
}

/** The items that lie one after the other; what is cut off is left out. */
function itemsOf(bytes: Buffer): Item[] {
  const items: Item[] = []
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 4)
    const value = bytes.subarray(at + 8, at + 8 + length)
    if (value.length < length) break
    items.push({ tag: bytes.readUIntBE(at, 3), type: bytes.readUInt8(at + 3), value })
    at += 8 + Math.ceil(length / 8) * 8
  }
  return items
}

/** The first value of a tag in the batch items of a message: nothing that is asked for lies deeper. */
function memberIn(message: Buffer, tag: number): Buffer | undefined {
  const members = itemsOf(message).flatMap(({ tag: outer, value }) => (outer === tags.BATCH_ITEM ? itemsOf(value) : []))
  return members.find((member) => member.tag === tag)?.value
}

function numberIn(message: Buffer, tag: number): number | undefined {
  const found = memberIn(message, tag)
  return found?.length === 4 ? found.readUInt32BE(0) : undefined
}
