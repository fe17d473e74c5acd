/** Requests and answers of a domain: `xcpAdminReq`, `xcpAdminRsp`, `get_xcp_info` (TKE reference, sections 2.4 and 2.5). */
import { counterBytes, counterValue, moduleBytes } from './command-block.ts'
import { DerReader, malformed, membersOf, octets, sequence, tags, word, wordBytes } from './der.ts'

/** The low half of a function id; the high half is the client's API ordinal, and not compared. */
export const functions = { ADMIN: 41, INFO: 38 } as const
const API_ORDINAL = 0x0001_0000
/** Sub-queries of `get_xcp_info` (section 3.2). */
export const infoQueries = { MODULE: 1, DOMAIN: 3 } as const

export type DomainRequest =
  | {
      readonly kind: 'admin'
      readonly functionId: number
      readonly domainIndex: number
      /** `xcpAdminBlk` as received, SEQUENCE header included: what the signatures are over. */
      readonly block: Buffer
      /** SignerInfo SEQUENCEs, one behind the other. */
      readonly signerInfos: Buffer
    }
  | {
      readonly kind: 'info'
      readonly functionId: number
      readonly domainIndex: number
      readonly query: number
    }

export function encodeAdminRequest(domainIndex: number, block: Uint8Array, signerInfos: readonly Uint8Array[]): Buffer {
  return sequence(word(API_ORDINAL | functions.ADMIN), word(domainIndex), octets(block), octets(...signerInfos))
}

export function encodeInfoRequest(domainIndex: number, query: number): Buffer {
  return sequence(word(API_ORDINAL | functions.INFO), word(domainIndex), word(query), octets(wordBytes(0)))
}

/** @throws ProtocolError `MALFORMED` when it is neither an administrative request nor a question for information */
export function decodeDomainRequest(bytes: Uint8Array): DomainRequest {
  const members = membersOf(bytes)
  const functionId = members.word()
  const domainIndex = members.word()
  switch (functionId & 0xffff) {
    case functions.ADMIN: {
      const block = members.take(tags.OCTET_STRING)
      const signerInfos = members.take(tags.OCTET_STRING)
      members.end()
      return { kind: 'admin', functionId, domainIndex, block, signerInfos }
    }
    case functions.INFO: {
      const query = members.word()
      members.word()
      members.end()
      return { kind: 'info', functionId, domainIndex, query }
    }
    default:
      throw malformed('The function is not one of a domain.')
  }
}

/** Several complete requests one behind the other: the payload of an import. @throws ProtocolError `MALFORMED` */
export function splitRequests(bytes: Uint8Array, countMax: number): Buffer[] {
  const reader = new DerReader(bytes)
  const requests: Buffer[] = []
  while (!reader.atEnd) {
    if (requests.length > countMax) break
    requests.push(reader.whole(tags.SEQUENCE))
  }
  return requests
}

/** What a domain says about a command or query: `xcpAdminRspBlk`. */
export interface ResponseBlock {
  readonly id: number
  readonly domainIndex: number
  readonly domainInstance: number
  readonly serial: string
  readonly moduleInstance: bigint
  /** Last counter that the unit used. */
  readonly counter: bigint
  /** 0, or a PKCS #11 return value; then the payload is the reason, four bytes, or empty. */
  readonly returnCode: number
  readonly payload: Uint8Array
}

export function encodeResponseBlock(block: ResponseBlock): Buffer {
  return sequence(
    octets(wordBytes(block.id)),
    octets(wordBytes(block.domainIndex), wordBytes(block.domainInstance)),
    octets(moduleBytes(block.serial, block.moduleInstance)),
    octets(counterBytes(block.counter)),
    octets(wordBytes(block.returnCode)),
    octets(block.payload),
  )
}

/** @throws ProtocolError `MALFORMED` */
export function decodeResponseBlock(bytes: Uint8Array): ResponseBlock {
  const members = membersOf(bytes)
  const id = members.word()
  const domain = members.sized(tags.OCTET_STRING, 8)
  const module = members.sized(tags.OCTET_STRING, 16)
  const counter = counterValue(members.sized(tags.OCTET_STRING, 16))
  const returnCode = members.word()
  const payload = members.take(tags.OCTET_STRING)
  members.end()
  return {
    id,
    domainIndex: domain.readUInt32BE(0),
    domainInstance: domain.readUInt32BE(4),
    serial: module.toString('latin1', 0, 8),
    moduleInstance: module.readBigUInt64BE(8),
    counter,
    returnCode,
    payload,
  }
}

/** A signed answer: five members, whatever the block says. */
export function encodeAdminResponse(
  functionId: number,
  domainIndex: number,
  block: Uint8Array,
  signerInfo: Uint8Array,
): Buffer {
  return sequence(word(functionId), word(domainIndex), word(0), octets(block), octets(signerInfo))
}

/** An answer to what could not be read or is for somebody else: three members, unsigned. */
export function encodeShortError(functionId: number, domainIndex: number, returnCode: number): Buffer {
  return sequence(word(functionId), word(domainIndex), word(returnCode))
}

/** An answer to `get_xcp_info`: four members, unsigned. */
export function encodeInfoResponse(functionId: number, domainIndex: number, payload: Uint8Array): Buffer {
  return sequence(word(functionId), word(domainIndex), word(0), octets(payload))
}

export type DomainResponse =
  | { readonly kind: 'admin'; readonly block: Buffer; readonly signerInfo: Buffer }
  | { readonly kind: 'refused'; readonly returnCode: number }
  | { readonly kind: 'info'; readonly payload: Buffer }

/** @throws ProtocolError `MALFORMED` */
export function decodeDomainResponse(bytes: Uint8Array): DomainResponse {
  const members = membersOf(bytes)
  members.word()
  members.word()
  const returnCode = members.word()
  if (members.atEnd) return { kind: 'refused', returnCode }
  const fourth = members.take(tags.OCTET_STRING)
  if (members.atEnd) return { kind: 'info', payload: fourth }
  const signerInfo = members.take(tags.OCTET_STRING)
  members.end()
  return { kind: 'admin', block: fourth, signerInfo }
}
