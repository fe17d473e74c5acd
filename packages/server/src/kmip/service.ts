/** The KMIP service: a message in, its answer out, and nothing answered before its events are durable. */
import { Refusal } from '../errors.ts'
import { answerRequest, type AnswerParts } from './answer-request.ts'
import { parseRequest, versionOf } from './message/request.ts'
import { oldestVersion } from './message/version.ts'
import type { KmipAnswer, KmipPeer, KmipService } from './peer.ts'
import { refuseMessage, type RefuseParts } from './refuse-message.ts'
import { refusalOf } from './refusal-of.ts'
import { decode } from './ttlv/decode.ts'
import type { Item } from './ttlv/item.ts'

export type KmipServiceParts = AnswerParts & RefuseParts

/** Longest message of whom nobody knows, and of whom an adapter knows, bytes (reference section 20.3). */
export const strangerBytesMax = 16 * 1024
export const messageBytesMax = 1024 * 1024

export function createKmipService(parts: KmipServiceParts): KmipService {
  return {
    maxBytes: (peer) => (parts.clients.isRegistered(peer) ? messageBytesMax : strangerBytesMax),
    answer: (peer, bytes) => answer(peer, bytes, parts),
    broken: async (peer, error) => ({
      bytes: await refuseMessage(peer, oldestVersion, error, parts, { isHeard: !error.notKmip }),
      close: true,
    }),
    overloaded: async (peer) => ({
      bytes: await refuseMessage(peer, oldestVersion, new Refusal('TOO_MANY_REQUESTS'), parts),
      close: true,
    }),
  }
}

async function answer(peer: KmipPeer, bytes: Buffer, parts: KmipServiceParts): Promise<KmipAnswer> {
  let message: Item | undefined
  try {
    // Who it is comes first: a stranger learns nothing of how a message is read.
    parts.clients.find(peer)
    message = decode(bytes)
    const request = parseRequest(message)
    return { bytes: await answerRequest(peer, request, parts), close: false }
  } catch (error) {
    const version = versionFor(message ?? peek(bytes))
    const refused = await refuseMessage(peer, version, error, parts)
    // What cannot be decoded may hide where the next message begins; a stranger is not listened to any longer.
    return { bytes: refused, close: message === undefined || isStranger(error) }
  }
}

/** A stranger's message, for the version of the answer only. */
function peek(bytes: Buffer): Item | undefined {
  try {
    return decode(bytes)
  } catch {
    return undefined
  }
}

function versionFor(message: Item | undefined) {
  return (message === undefined ? undefined : versionOf(message)) ?? oldestVersion
}

function isStranger(error: unknown): boolean {
  return refusalOf(error)?.status === 401
}
