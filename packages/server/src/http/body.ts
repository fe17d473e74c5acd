/** Request bodies: raw bytes of any content type, read and inflated within bounds, parsed only when asked for. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { asMalformed, malformed } from '../malformed.ts'
import { type JsonValue, parseJson } from './json.ts'

/** Longest request body, as sent and after inflating. */
const bodyBytesMax = 1024 * 1024
/** What of a body over the bound is read and thrown away, so that its sender gets to read the refusal. */
const discardBytesMax = 8 * bodyBytesMax

/** A body as it came. */
export interface RawBody {
  readonly bytes: Buffer
  readonly isTooLarge: boolean
}

/** Takes every content type, and none, as bytes; a body over the bound becomes a mark, not an error: the route decides. */
export function acceptRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, payload, done) => {
    const bytesMax = request.routeOptions.config.bodyBytes ?? bodyBytesMax
    const chunks: Buffer[] = []
    let kept = 0
    let seen = 0
    const finish = (): void => {
      const isTooLarge = seen > bytesMax
      done(null, { bytes: isTooLarge ? Buffer.alloc(0) : Buffer.concat(chunks, kept), isTooLarge } satisfies RawBody)
    }
    const discardedMax = Math.max(discardBytesMax, bytesMax)
    if (Number(request.headers['content-length'] ?? 0) > discardedMax) {
      seen = discardedMax + 1
      finish()
      return
    }
    const onData = (chunk: Buffer): void => {
      seen += chunk.length
      if (seen <= bytesMax) {
        chunks.push(chunk)
        kept += chunk.length
      } else {
        chunks.length = 0
        if (seen <= discardedMax) return
        payload.off('data', onData)
        payload.off('end', finish)
        payload.pause()
        finish()
      }
    }
    payload.on('data', onData)
    payload.on('end', finish)
    payload.on('error', (error) => done(error))
  })
}

export function rawBodyOf(request: FastifyRequest): RawBody {
  return (request.body as RawBody | undefined) ?? { bytes: Buffer.alloc(0), isTooLarge: false }
}

const inflate = promisify(gunzip)

/**
 * The bytes of a body, inflated when they came with `Content-Encoding: gzip`.
 * @throws Refusal `BODY_TOO_LARGE`; `BAD_BODY_ERR` for another or a broken encoding.
 */
export async function inflatedBody(request: FastifyRequest): Promise<Buffer> {
  const raw = rawBodyOf(request)
  if (raw.isTooLarge) throw new Refusal('BODY_TOO_LARGE')
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === '' || raw.bytes.length === 0) return raw.bytes
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new Refusal('BAD_BODY_ERR', { message: 'Only gzip is accepted as content encoding.' })
  }
  try {
    return await inflate(raw.bytes, { maxOutputLength: bodyBytesMax })
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw new Refusal('BODY_TOO_LARGE')
    throw new Refusal('BAD_BODY_ERR', { message: 'The body is not valid gzip.' })
  }
}

/**
 * What operations get as `body()`: inflated now, parsed when called. Whatever is wrong with the body is thrown only
 * then, so that an operation refuses a caller without permission first.
 */
export async function jsonBody(request: FastifyRequest): Promise<() => JsonValue | undefined> {
  let bytes: Buffer
  try {
    bytes = await inflatedBody(request)
  } catch (refusal) {
    return () => {
      throw refusal instanceof Refusal ? malformed(refusal) : refusal
    }
  }
  return () => asMalformed(() => parseJson(bytes))
}
