/** Base64 of RFC 4648 section 4, read strictly: only the one text that printing the bytes gives back. */

/** Bytes of a base64 text; undefined when it is not canonical (alphabet, padding, left-over bits). Empty is no base64. */
export function fromBase64(text: string): Buffer<ArrayBuffer> | undefined {
  if (text.length === 0 || text.length % 4 !== 0) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
