/** Parameter files and certificates of key part holders: how a master key is asked for (TKE reference, section 3.12). */
import { malformed, membersOf, octets, sequence, tags, wordBytes } from './der.ts'
import { POINT_BYTES } from './p521.ts'

/** Types of the elements that an export knows. */
export const parameters = {
  /** A key part, encrypted. */
  KEY_PART: 0x0019,
  /** How many parts are needed: the index is the number. */
  PART_LIMIT: 0x001c,
  HOLDER_CERTIFICATE: 0x001d,
  SCOPE: 0x001f,
} as const

/** Leave out the holders' certificates and the module's chain of certificates. */
export const SCOPE_SHORT = 0x0000_000c

export interface Parameter {
  readonly type: number
  readonly index: number
  readonly data: Uint8Array
}

const ELEMENTS_MAX = 64

export function encodeParameters(list: readonly Parameter[]): Buffer {
  return sequence(
    ...list.map(({ type, index, data }) => {
      const head = Buffer.alloc(2)
      head.writeUInt16BE(type)
      return octets(head, wordBytes(index), data)
    }),
  )
}

/** In the order they stand in, which means nothing. @throws ProtocolError `MALFORMED` */
export function decodeParameters(bytes: Uint8Array): Parameter[] {
  const members = membersOf(bytes)
  const list: Parameter[] = []
  while (!members.atEnd) {
    if (list.length === ELEMENTS_MAX) throw malformed('A parameter file has too many elements.')
    const element = members.take(tags.OCTET_STRING)
    if (element.length < 6) throw malformed('An element of a parameter file is too short.')
    list.push({ type: element.readUInt16BE(0), index: element.readUInt32BE(2), data: element.subarray(6) })
  }
  return list
}

const HOLDER_BYTES = 309
const POINT_AT = 44
const holderHead = Buffer.from('4b01010000850209', 'hex')

/** The certificate of a key part holder with a P-521 key, in the form of TKE; its signature area is empty. */
export function encodeHolderCertificate(point: Uint8Array): Buffer {
  const certificate = Buffer.alloc(HOLDER_BYTES)
  holderHead.copy(certificate, POINT_AT - holderHead.length)
  certificate.set(point, POINT_AT)
  return certificate
}

/** The holder's point. @throws ProtocolError `MALFORMED` */
export function decodeHolderCertificate(bytes: Uint8Array): Buffer {
  const certificate = Buffer.from(bytes)
  const head = certificate.subarray(POINT_AT - holderHead.length, POINT_AT)
  if (certificate.length !== HOLDER_BYTES || !head.equals(holderHead)) {
    throw malformed('This is not the certificate of a key part holder.')
  }
  return certificate.subarray(POINT_AT, POINT_AT + POINT_BYTES)
}
