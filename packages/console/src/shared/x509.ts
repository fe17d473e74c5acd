/** An X.509 certificate read in the browser, enough to show a person what it is before it is let in (RFC 5280, section 4.1). */
import { sha256 } from '@keywitness/tlog'

export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** Milliseconds since the epoch; undefined where it tells none that exists. */
  readonly notBefore: number | undefined
  readonly notAfter: number | undefined
  /** Kind and size of its key, as `RSA 2048` or `P-256`; undefined for one that is not known here. */
  readonly key: string | undefined
  /** Whether its key is of RSA with less than 2048 bits: nobody relies on those any more (NIST SP 800-131A). */
  readonly isKeyShort: boolean
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  readonly fingerprint: string
}

/** `empty`: nothing is there. `private-key`: it holds one, too. `several`: more than one. `broken`: it cannot be read. */
export type PemProblem = 'empty' | 'private-key' | 'several' | 'broken'

/** Longest text that is looked at: as the server takes it. */
const lengthMax = 16_384

export function readPem(pem: string): CertificateFacts | PemProblem {
  const text = pem.trim()
  if (text === '') return 'empty'
  if (/PRIVATE KEY-----/.test(text)) return 'private-key'
  if (text.split('-----BEGIN CERTIFICATE-----').length > 2) return 'several'
  const base64 = /^-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----$/.exec(text)?.[1]
  if (base64 === undefined || text.length > lengthMax) return 'broken'
  try {
    return factsOf(Uint8Array.from(atob(base64.replaceAll(/\s/g, '')), (char) => char.charCodeAt(0)))
  } catch {
    // Neither base64 nor DER of a certificate: nobody need know where it is broken.
    return 'broken'
  }
}

function factsOf(der: Uint8Array): CertificateFacts {
  const [certificate, ...more] = itemsIn(der)
  const [body] = itemsIn(contentOf(certificate))
  const fields = itemsIn(contentOf(body))
  // The version is left out by the oldest form.
  const [, , issuer, validity, subject, key] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields
  const [notBefore, notAfter] = itemsIn(contentOf(validity))
  if (more.length > 0 || key === undefined) throw new RangeError('no certificate')
  const kind = keyOf(key.content)
  return {
    subject: nameOf(contentOf(subject)),
    issuer: nameOf(contentOf(issuer)),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    key: kind,
    isKeyShort: isShort(kind),
    fingerprint: hexOf(sha256(der)),
  }
}

interface Item {
  readonly tag: number
  readonly content: Uint8Array
}

/** @throws RangeError for what is no DER */
function itemsIn(bytes: Uint8Array): readonly Item[] {
  const items: Item[] = []
  for (let at = 0; at < bytes.length;) {
    const [tag = 0, first = 0] = bytes.subarray(at, at + 2)
    const more = first > 0x80 ? first - 0x80 : 0
    if (first === 0x80 || more > 4) throw new RangeError('no length')
    const length = more === 0 ? first : bytes.subarray(at + 2, at + 2 + more).reduce((sum, byte) => sum * 256 + byte, 0)
    const start = at + 2 + more
    if (start + length > bytes.length) throw new RangeError('cut off')
    items.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return items
}

function contentOf(item: Item | undefined): Uint8Array {
  if (item === undefined) throw new RangeError('nothing there')
  return item.content
}

const attributes: Readonly<Record<string, string>> = {
  '550403': 'CN',
  '550406': 'C',
  '550407': 'L',
  '550408': 'ST',
  '55040a': 'O',
  '55040b': 'OU',
  '2a864886f70d010901': 'emailAddress',
  '0992268993f22c640119': 'DC',
}

/** `CN=vcenter, O=Example`. */
function nameOf(bytes: Uint8Array): string {
  const parts = itemsIn(bytes).flatMap(({ content: set }) =>
    itemsIn(set).map(({ content: pair }) => {
      const [oid, value] = itemsIn(pair)
      const id = hexOf(contentOf(oid))
      return `${attributes[id] ?? id}=${textOf(value)}`
    }),
  )
  return parts.join(', ')
}

const BMP_STRING = 0x1e
const UTF8_STRING = 0x0c
/** What would turn the direction of text around, break its line, or not be seen. */
const unseemly = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

function textOf(item: Item | undefined): string {
  const bytes = contentOf(item)
  const encoding = item?.tag === BMP_STRING ? 'utf-16be' : item?.tag === UTF8_STRING ? 'utf-8' : 'latin1'
  return new TextDecoder(encoding).decode(bytes).replaceAll(unseemly, '\ufffd')
}

const UTC_TIME = 0x17

/** UTCTime has two digits of the year: from 50 on they are of the last century. */
function timeOf(item: Item | undefined): number | undefined {
  const text = new TextDecoder('latin1').decode(contentOf(item))
  const full = item?.tag === UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? undefined : time
}

const RSA = '2a864886f70d010101'
const kinds: Readonly<Record<string, string>> = {
  '2a8648ce3d030107': 'P-256',
  '2b81040022': 'P-384',
  '2b81040023': 'P-521',
  '2b6570': 'Ed25519',
  '2b6571': 'Ed448',
}

function keyOf(bytes: Uint8Array): string | undefined {
  const [algorithm, bits] = itemsIn(bytes)
  const [id, parameters] = itemsIn(contentOf(algorithm)).map(({ content }) => hexOf(content))
  if (id !== RSA) return kinds[parameters ?? ''] ?? kinds[id ?? '']
  const [pair] = itemsIn(contentOf(bits).subarray(1))
  const [modulus] = itemsIn(contentOf(pair))
  const digits = contentOf(modulus)
  const start = digits.findIndex((byte) => byte !== 0)
  return `RSA ${8 * (digits.length - start) - Math.clz32(digits[start] ?? 0) + 24}`
}

const rsaBitsLeast = 2048

function isShort(kind: string | undefined): boolean {
  const bits = /^RSA (\d+)$/.exec(kind ?? '')?.[1]
  return bits !== undefined && Number(bits) < rsaBitsLeast
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
