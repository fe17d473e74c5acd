/** Recorded KMIP messages, altered at random from a seed, sent to a server: it answers or closes, each time. */
import { readFileSync } from 'node:fs'
import { decode } from '@keywitness/server/kmip/ttlv/decode'
import { connectKmip, type KmipConnection, type KmipPlace } from './kmip-client.ts'
import type { Identity } from './new-certificate.ts'

const file = new URL('../../../vectors/kmip/golden.json', import.meta.url)
const HEADER_BYTES = 8

/** Requests among the vectors. */
function requests(): Buffer[] {
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as { hex: string }[]
  return vectors.map(({ hex }) => Buffer.from(hex, 'hex')).filter((bytes) => bytes.readUIntBE(0, 3) === 0x420078)
}

/** Numbers from 0 to below `bound`, the same ones for the same seed (a linear congruential generator, MINSTD). */
function seeded(seed: number): (bound: number) => number {
  let state = (seed % 2_147_483_646) + 1
  return (bound) => {
    state = (state * 48_271) % 2_147_483_647
    return state % bound
  }
}

const interesting = [0, 1, 7, 8, 0x7f, 0x80, 0xff]

/** A message that is nearly one. Its own head is left as it is, but for its length, which fits. */
function altered(message: Buffer, random: (bound: number) => number): Buffer {
  let bytes = Buffer.from(message)
  for (let times = 1 + random(4); times > 0; times -= 1) {
    const at = HEADER_BYTES + random(Math.max(1, bytes.length - HEADER_BYTES))
    const count = 1 + random(24)
    switch (random(6)) {
      case 0:
        bytes[at] = random(256)
        break
      case 1:
        bytes[at] = interesting[random(interesting.length)] as number
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at + count), bytes.subarray(at)])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(8 * count, random(256)), bytes.subarray(at)])
        break
      default:
        // A type where types stand.
        bytes[(at - (at % 8)) | 3] = 1 + random(11)
    }
  }
  const length = Math.max(0, bytes.length - HEADER_BYTES)
  const whole = Buffer.alloc(HEADER_BYTES + length - (length % 8))
  bytes.copy(whole)
  whole.writeUInt32BE(whole.length - HEADER_BYTES, 4)
  return whole
}

export interface FuzzReport {
  readonly answered: number
  readonly closed: number
  /** What is wrong, in words with the message; nothing when all is well. */
  readonly wrong: readonly string[]
}

/**
 * Sends so many altered messages, one after the other over as few connections as the server allows. Every eighth is sent
 * with another length in its head, and then our end: the server has to do with what it got.
 */
export async function fuzzKmip(
  place: KmipPlace,
  identity: Identity,
  { seed, count }: { readonly seed: number; readonly count: number },
): Promise<FuzzReport> {
  const random = seeded(seed)
  const originals = requests()
  const wrong: string[] = []
  let connection: KmipConnection | undefined
  let answered = 0
  let closed = 0
  for (let at = 0; at < count; at += 1) {
    const message = altered(originals[random(originals.length)] as Buffer, random)
    const isLast = at % 8 === 7
    if (isLast) message.writeUInt32BE(random(3) === 0 ? 0xffff_ffff - random(64) : 8 * random(200), 4)
    connection ??= await connectKmip(place, identity)
    const how = await answerTo(connection, message, isLast)
    if (typeof how === 'string') wrong.push(`message ${at}, ${message.toString('hex')}: ${how}`)
    if (how === true) answered += 1
    else closed += 1
    if (how === true && !isLast) continue
    await connection.close()
    connection = undefined
  }
  await connection?.close()
  return { answered, closed, wrong }
}

/** Whether a good response came; false when the connection was closed instead, in good order. */
async function answerTo(connection: KmipConnection, message: Buffer, isLast: boolean): Promise<boolean | string> {
  if (isLast) connection.end(message)
  else connection.write(message)
  try {
    const answer = decode(await connection.message())
    return answer.tag === 0x42007b ? true : `the answer has the tag ${answer.tag.toString(16)}`
  } catch {
    const how = await connection.closed
    return how === 'end' ? false : `the connection ended with ${how}`
  }
}
