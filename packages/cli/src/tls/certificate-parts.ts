/** What of a certificate Node does not tell: its subject as encoded, its version and extensions (RFC 5280, section 4.1). */
import { DerReader, membersOf } from '@keywitness/crypto-unit/tke/der'

const tags = { BOOLEAN: 0x01, INTEGER: 0x02, OCTETS: 0x04, OID: 0x06, SEQUENCE: 0x30, VERSION: 0xa0, EXTENSIONS: 0xa3 }

/** Object identifiers of extensions, their contents hexadecimal (section 4.2.1). */
export const extensionIds = {
  subjectKeyIdentifier: '551d0e',
  keyUsage: '551d0f',
  basicConstraints: '551d13',
  authorityKeyIdentifier: '551d23',
  extendedKeyUsage: '551d25',
}

interface Parts {
  readonly isFirst: boolean
  /** With tag and length. */
  readonly subject: Buffer
  readonly extensions: Buffer | undefined
}

/** @throws Error when it is encoded otherwise than certificates are */
function partsOf(certificate: Uint8Array): Parts {
  const body = new DerReader(membersOf(certificate).take(tags.SEQUENCE))
  const version = body.optional(tags.VERSION)
  body.take(tags.INTEGER)
  for (const _member of ['algorithm', 'issuer', 'validity']) body.take(tags.SEQUENCE)
  const subject = body.whole(tags.SEQUENCE)
  body.take(tags.SEQUENCE)
  return { isFirst: version === undefined, subject, extensions: body.optional(tags.EXTENSIONS) }
}

/** As it is encoded there: names are compared by their bytes. */
export function subjectOf(certificate: Uint8Array): Buffer {
  return partsOf(certificate).subject
}

/** Whether it is of version 1, which has no extensions. */
export function isFirstVersion(certificate: Uint8Array): boolean {
  return partsOf(certificate).isFirst
}

/** The value of an extension; undefined when there is none. */
export function extensionOf(certificate: Uint8Array, wanted: string): Buffer | undefined {
  const { extensions } = partsOf(certificate)
  if (extensions === undefined) return undefined
  const list = new DerReader(new DerReader(extensions).take(tags.SEQUENCE))
  while (!list.atEnd) {
    const extension = new DerReader(list.take(tags.SEQUENCE))
    const id = extension.take(tags.OID).toString('hex')
    extension.optional(tags.BOOLEAN)
    const value = extension.take(tags.OCTETS)
    if (id === wanted) return value
  }
  return undefined
}

/** How a certificate names its own key; undefined when it does not. */
export function keyIdentifierOf(certificate: Uint8Array): Buffer | undefined {
  const value = extensionOf(certificate, extensionIds.subjectKeyIdentifier)
  return value === undefined ? undefined : new DerReader(value).take(tags.OCTETS)
}
