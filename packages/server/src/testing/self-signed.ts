/** A self-signed certificate for tests (RFC 5280, as little of it as TLS needs), so that no key lies in the tree. */
import { generateKeyPairSync, sign } from 'node:crypto'

export interface SelfSigned {
  /** PEM. */
  readonly cert: string
  /** PEM. */
  readonly key: string
}

interface Wish {
  /** A key of another size, or on another curve, than usual. */
  readonly bits?: number
  readonly curve?: string
  /** As UTCTime, `YYMMDDhhmmssZ`. */
  readonly from?: string
  readonly to?: string
}

/** For a common name, from 2020 to 2049, with a new P-256 key, or an RSA key of 2048 bits. */
export function selfSigned(commonName: string, kind: 'ec' | 'rsa' = 'ec', wish: Wish = {}): SelfSigned {
  const { publicKey, privateKey } =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: wish.curve ?? 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: wish.bits ?? 2_048 })
  const name = sequence(set(sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))))
  const algorithm =
    kind === 'ec'
      ? sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
      : sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), der(0x05))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(utcTime(wish.from ?? '200101000000Z'), utcTime(wish.to ?? '491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]))
  const lines = sequence(body, algorithm, signature)
    .toString('base64')
    .match(/.{1,64}/g)
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines?.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const set = (...parts: readonly Uint8Array[]): Buffer => der(0x31, ...parts)
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes))
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text))
