/** The KMIP service: a message in, its answer out, and nothing answered before its events are durable. */
import { randomUUID } from 'node:crypto'
import { Refusal } from '../errors.ts'
import { answerRequest, type AnswerParts } from './answer-request.ts'
import { parseRequest, versionOf } from './message/request.ts'
import { oldestVersion, type Version } from './message/version.ts'
import type { MessageMetrics } from './metrics.ts'
import type { KmipAnswer, KmipPeer, KmipService } from './peer.ts'
import { refuseMessage, type RefuseParts } from './refuse-message.ts'
import { reasonOf, refusalOf } from './refusal-of.ts'
import { decode } from './ttlv/decode.ts'
import type { Item } from './ttlv/item.ts'

export type KmipServiceParts = AnswerParts & RefuseParts & { readonly metrics: MessageMetrics }

/** Longest message of whom nobody knows, and of whom an adapter knows, bytes (reference section 20.3). */
export const strangerBytesMax = 16 * 1024
export const messageBytesMax = 1024 * 1024

export function createKmipService(parts: KmipServiceParts): KmipService {
  return {
    maxBytes: (peer) => (parts.clients.isRegistered(peer) ? messageBytesMax : strangerBytesMax),
    answer: (peer, bytes) => answer(peer, bytes, parts),
    broken: (peer, error) => refuseUnread(peer, error, !error.notKmip, parts),
    overloaded: (peer) => refuseUnread(peer, new Refusal('TOO_MANY_REQUESTS'), true, parts),
  }
}

async function answer(peer: KmipPeer, bytes: Buffer, parts: KmipServiceParts): Promise<KmipAnswer> {
  const correlationId = randomUUID()
  const began = parts.clock.monotonic()
  let message: Item | undefined
  try {
    // Who it is comes first: a stranger learns nothing of how a message is read.
    const client = parts.clients.admit(peer, parts.clock.now())
    message = decode(bytes)
    const request = parseRequest(message)
    const answered = await answerRequest({ peer, client, request, correlationId }, parts)
    parts.metrics.answered(answered.items, parts.clock.monotonic() - began)
    return { bytes: answered.bytes, close: false }
  } catch (error) {
    const version = versionFor(message ?? peek(bytes))
    const refused = await refuseMessage({ peer, version, error, correlationId }, parts)
    const refusal = refusalOf(error)
    const reason = refusal === undefined ? 'GeneralFailure' : reasonOf(refusal)
    parts.metrics.answered([{ status: 'OperationFailed', reason }], parts.clock.monotonic() - began)
    // What cannot be decoded may hide where the next message begins; a stranger is not listened to any longer.
    return { bytes: refused, close: message === undefined || isStranger(error) }
  }
}

/** What is not even read, and the end of the connection. That its sender may not come in outranks any other fault. */
async function refuseUnread(
  peer: KmipPeer,
  fault: unknown,
  isHeard: boolean,
  parts: KmipServiceParts,
): Promise<KmipAnswer> {
  let error = fault
  try {
    parts.clients.admit(peer, parts.clock.now())
  } catch (denied) {
    error = denied
  }
  const bytes = await refuseMessage({ peer, version: oldestVersion, error, correlationId: randomUUID() }, parts)
  return { bytes: isHeard ? bytes : undefined, close: true }
}

/** A message that nobody will do, for the version of the answer only. */
function peek(bytes: Buffer): Item | undefined {
  try {
    return decode(bytes)
  } catch {
    return undefined
  }
}

function versionFor(message: Item | undefined): Version {
  return (message === undefined ? undefined : versionOf(message)) ?? oldestVersion
}

function isStranger(error: unknown): boolean {
  return refusalOf(error)?.status === 401
}
