/** Metadata of a call as HTTP/2 carries them (gRPC over HTTP/2, "Custom-Metadata"). */

/** Names and values in turn, as they were sent; names are in small letters. */
export type RawHeaders = readonly string[]

/** The value of this name; several are one, joined as HTTP joins them (RFC 9110, section 5.3). Undefined for none. */
export function textOf(raw: RawHeaders, name: string): string | undefined {
  let joined: string | undefined
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at] !== name) continue
    const value = raw[at + 1] ?? ''
    joined = joined === undefined ? value : `${joined}, ${value}`
  }
  return joined
}

/** Standard Base64, padded or not (RFC 4648, section 4). */
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

/** The bytes of a name that ends in `-bin`; `malformed` for several values, and for what is no Base64. Undefined for none. */
export function bytesOf(raw: RawHeaders, name: string): Buffer | 'malformed' | undefined {
  const value = textOf(raw, name)
  if (value === undefined) return undefined
  return base64Pattern.test(value) ? Buffer.from(value, 'base64') : 'malformed'
}

/** Bytes of all names and values. */
export function lengthOf(raw: RawHeaders): number {
  let length = 0
  for (const text of raw) length += text.length
  return length
}

/** What a name that ends in `-bin` is given: without padding. */
export function binaryValue(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64').replace(/=+$/, '')
}

const millisecondsOf = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 } as const

/** Milliseconds of `grpc-timeout`; undefined for what is none. */
export function timeoutOf(text: string): number | undefined {
  const [, value, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? []
  return unit === undefined ? undefined : Number(value) * millisecondsOf[unit as keyof typeof millisecondsOf]
}

/** `grpc-message`: UTF-8, of which all but printable ASCII is written in percent, and the percent sign itself. */
export function percentEncoded(text: string): string {
  if (/^[ -$&-~]*$/.test(text)) return text
  return [...Buffer.from(text)]
    .map((byte) => {
      const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      return isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}
