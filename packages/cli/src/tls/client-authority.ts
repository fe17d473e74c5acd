/** Whether a certificate is one of an authority, and a client's leads to it: seen from here, before any server is asked. */
import type { X509Certificate } from 'node:crypto'
import { DerReader } from '@keywitness/crypto-unit/tke/der'
import { extensionIds, extensionOf, isFirstVersion } from './certificate-parts.ts'

/** Certificates of a way, both ends counted, as servers take it. */
const wayMax = 5
/** extKeyUsage (RFC 5280, section 4.2.1.12). */
const clientAuth = '1.3.6.1.5.5.7.3.2'
const BITS = 0x03
/** In the first byte of keyUsage (section 4.2.1.3). */
const keyCertSign = 0x04

/** By its basic constraints; without any by its key usage; a root of version 1 can say neither. */
export function isAuthority(certificate: X509Certificate): boolean {
  if (certificate.ca) return true
  try {
    const { raw } = certificate
    if (extensionOf(raw, extensionIds.basicConstraints) !== undefined) return false
    const usage = extensionOf(raw, extensionIds.keyUsage)
    if (usage !== undefined) return ((new DerReader(usage).take(BITS)[1] ?? 0) & keyCertSign) !== 0
    return isFirstVersion(raw) && certificate.checkIssued(certificate)
  } catch {
    return false
  }
}

/** Whether it may be shown, or issue what is shown, by clients of TLS. */
export function isForClients({ keyUsage }: X509Certificate): boolean {
  // What Node calls keyUsage is extKeyUsage.
  const uses = keyUsage as readonly string[] | undefined
  return uses === undefined || uses.includes(clientAuth)
}

/**
 * What keeps a client's certificate from being let in by an authority, in sentences; of the client's own certificate only
 * who issued it is looked at.
 *
 * @param chain the client's own certificate, and what it shows beside it
 * @param now milliseconds since the epoch
 */
export function wayFaults(
  [own, ...between]: readonly [X509Certificate, ...X509Certificate[]],
  authority: X509Certificate,
  now: number,
): string[] {
  if (!isAuthority(authority)) return ['That is not the certificate of an authority.']
  const way = wayTo(authority, own, between)
  if (way === undefined) {
    return ['It did not issue this certificate, nor one that the client shows beside it and that leads to it.']
  }
  return way.slice(1).flatMap((one) => {
    const name = one.subject.split('\n').join(', ')
    return [
      ...(one.validFromDate.getTime() > now ? [`${name} is not valid yet.`] : []),
      ...(one.validToDate.getTime() <= now ? [`${name} has expired.`] : []),
      ...(isForClients(one) ? [] : [`${name} may not issue certificates of clients (extKeyUsage without clientAuth).`]),
    ]
  })
}

function wayTo(
  authority: X509Certificate,
  from: X509Certificate,
  between: readonly X509Certificate[],
  room = wayMax,
): X509Certificate[] | undefined {
  if (from.raw.equals(authority.raw)) return [from]
  if (isIssued(from, authority)) return [from, authority]
  if (room <= 2) return undefined
  for (const one of between.filter((other) => other.ca && isIssued(from, other))) {
    const rest = wayTo(
      authority,
      one,
      between.filter((other) => other !== one),
      room - 1,
    )
    if (rest !== undefined) return [from, ...rest]
  }
  return undefined
}

function isIssued(subject: X509Certificate, issuer: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
}
