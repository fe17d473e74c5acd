/**
 * Whether a client's certificate leads to one that its instance accepts: RFC 5280, section 6, as far as clients of TLS
 * need it, and with any accepted certificate as its end, root or not (reference cert-manager, sections 7 to 9). OpenSSL
 * decides alike (`verify -partial_chain -purpose sslclient -auth_level 2`), but it cannot be asked of several instances
 * on one connection, nor again when their certificates change.
 *
 * Stricter than OpenSSL: authorities with name constraints are refused, for no name of a client is evaluated; so are
 * critical extensions of policies and revocation lists, extensions in certificates of the first two versions, SHA-224,
 * and curves that are neither NIST's nor Brainpool's. Laxer: extensions of Netscape's are not looked at, a certificate
 * that signs itself is accepted under one of the same name and key, and every way is tried where OpenSSL tries one.
 */
import { type CertificateFacts, factsOf, keyUsages } from './certificate-facts.ts'
import type { ClientChain } from './client-chain.ts'

export const pathLimits = {
  /** Certificates of a path, both ends counted (reference cert-manager, section 10). */
  depth: 5,
  /**
   * Signatures checked for one verdict. Only keys that lead to an accepted certificate check any, and hardly ever more
   * than one for each certificate sent; many accepted ones of one name may need more.
   */
  signatures: 200,
} as const

/** A certificate that an instance accepts clients by, in DER. */
export interface Accepted {
  readonly der: Uint8Array
}

/** As events tell it. */
type ClientFailure = 'missing' | 'untrusted' | 'expired' | 'not-yet-valid'

export interface ClientVerdict {
  /** Of the client's own certificate. */
  readonly fingerprint: string | undefined
  /** Undefined: it is accepted. */
  readonly failure: ClientFailure | undefined
  /** What is wrong with the client's own certificate, whoever issued it; undefined when that is not why. */
  readonly fault: ClientFault | undefined
  /** The verdict is the same while `from <= now < until`, milliseconds since the epoch. */
  readonly from: number
  readonly until: number
}

/** Why a certificate can be no client's. */
export type ClientFault = 'too-much' | 'malformed' | 'key' | 'signature' | 'extension' | 'purpose' | 'usage'

/**
 * @param chain undefined: the client showed none
 * @param anchors what the instance accepts; each is read once as long as it is the same object
 * @param now milliseconds since the epoch
 */
export function clientVerdict(
  chain: ClientChain | undefined,
  anchors: readonly Accepted[],
  now: number,
): ClientVerdict {
  const always = { fault: undefined, from: -Infinity, until: Infinity }
  if (chain === undefined) return { fingerprint: undefined, failure: 'missing', ...always }
  const { fingerprint, certificates } = chain
  const refused = (fault: ClientFault): ClientVerdict => ({ fingerprint, failure: 'untrusted', ...always, fault })
  if (certificates === undefined) return refused('too-much')
  const [first, ...others] = certificates
  const leaf = first && factsOf(first)
  if (leaf === undefined) return refused('malformed')
  const accepted = acceptedOf(anchors)
  const fault = faultOf(leaf, accepted.has(leaf.fingerprint))
  if (fault !== undefined) return refused(fault)
  const sent = authoritiesOf(others)
  const search = { leaf, sent: [...sent.values()], accepted, isIssued: issuedBy() }
  return { fingerprint, failure: failureOf(search, now), ...times([leaf, ...sent.values(), ...accepted.values()], now) }
}

/** Of the same certificates, and each told apart from the others by its fingerprint. */
type ByFingerprint = ReadonlyMap<string, CertificateFacts>

interface Search {
  readonly leaf: CertificateFacts
  /** Authorities that the client sent. */
  readonly sent: readonly CertificateFacts[]
  readonly accepted: ByFingerprint
  readonly isIssued: (subject: CertificateFacts, issuer: CertificateFacts) => boolean
}

const read = new WeakMap<Accepted, CertificateFacts | undefined>()

function acceptedOf(anchors: readonly Accepted[]): ByFingerprint {
  const accepted = new Map<string, CertificateFacts>()
  for (const anchor of anchors) {
    if (!read.has(anchor)) read.set(anchor, factsOf(anchor.der))
    const facts = read.get(anchor)
    if (facts !== undefined) accepted.set(facts.fingerprint, facts)
  }
  return accepted
}

/** Those of what a client sent that may stand between its own and an accepted one. */
function authoritiesOf(sent: readonly Uint8Array[]): ByFingerprint {
  const authorities = new Map<string, CertificateFacts>()
  for (const der of sent) {
    const facts = factsOf(der)
    if (facts?.isAuthority === true && facts.hasStrongSignature && isIssuer(facts)) {
      authorities.set(facts.fingerprint, facts)
    }
  }
  return authorities
}

/** @param isAccepted it is itself one that the instance accepts: then it does not matter who signed it */
function faultOf(leaf: CertificateFacts, isAccepted: boolean): ClientFault | undefined {
  if (!leaf.hasStrongKey) return 'key'
  if (!leaf.hasStrongSignature && !isAccepted) return 'signature'
  if (leaf.hasUnknownCritical) return 'extension'
  if (!leaf.isForClients) return 'purpose'
  const { digitalSignature, keyAgreement } = keyUsages
  const mayShow = leaf.keyUsage === undefined || (leaf.keyUsage & (digitalSignature | keyAgreement)) !== 0
  return mayShow ? undefined : 'usage'
}

/** What all authorities of a path must be, sent or accepted. */
function isIssuer(facts: CertificateFacts): boolean {
  const maySign = facts.keyUsage === undefined || (facts.keyUsage & keyUsages.keyCertSign) !== 0
  return maySign && facts.hasStrongKey && facts.isForClients && !facts.hasNameConstraints && !facts.hasUnknownCritical
}

/**
 * Whether clients can be known by it when an instance accepts it: an authority by its basicConstraints or, without any,
 * its key usage, or a root of the first version, which can say neither.
 */
function isAnchor(facts: CertificateFacts): boolean {
  const { isAuthority, keyUsage, version, isSelfIssued } = facts
  if (!isIssuer(facts)) return false
  return isAuthority ?? (keyUsage !== undefined || (version === 1 && isSelfIssued))
}

function failureOf(search: Search, now: number): ClientFailure | undefined {
  const hasBegun = ({ from }: CertificateFacts): boolean => from <= now
  if (leads(search, (facts) => hasBegun(facts) && now < facts.to)) return undefined
  if (leads(search, hasBegun)) return 'expired'
  return leads(search, () => true) ? 'not-yet-valid' : 'untrusted'
}

/**
 * Looks from the accepted certificates downwards, so that no key is used that nobody vouches for. Each round goes one
 * authority further from those that the last one reached, and knows of each how many may still stand below it: loops,
 * and however many ways there are, cost nothing.
 */
function leads({ leaf, sent, accepted, isIssued }: Search, isGood: (facts: CertificateFacts) => boolean): boolean {
  if (!isGood(leaf)) return false
  if (accepted.has(leaf.fingerprint)) return true
  const authorities = sent.filter(isGood)
  let reached = new Map<CertificateFacts, number>()
  for (const facts of accepted.values()) {
    if (isAnchor(facts) && isGood(facts)) reached.set(facts, facts.pathLength)
  }
  for (let length = 2; length <= pathLimits.depth; length++) {
    for (const issuer of reached.keys()) if (isIssued(leaf, issuer)) return true
    const further = new Map<CertificateFacts, number>()
    for (const authority of authorities) {
      for (const [issuer, room] of reached) {
        const left = Math.min(authority.isSelfIssued ? room : room - 1, authority.pathLength)
        if (left > (further.get(authority) ?? -1) && isIssued(authority, issuer)) further.set(authority, left)
      }
    }
    reached = further
  }
  return false
}

/** Each signature is checked once, and only where names, key identifiers and kinds of keys fit. */
function issuedBy(): Search['isIssued'] {
  const known = new Map<CertificateFacts, Map<CertificateFacts, boolean>>()
  let left: number = pathLimits.signatures
  return (subject, issuer) => {
    const ofSubject = known.get(subject) ?? new Map<CertificateFacts, boolean>()
    known.set(subject, ofSubject)
    const before = ofSubject.get(issuer)
    if (before !== undefined) return before
    // Compares names by their normal forms (RFC 5280, section 7.1), never as text.
    let isIssued = subject.certificate.checkIssued(issuer.certificate)
    if (isIssued && --left < 0) return false
    isIssued &&= subject.certificate.verify(issuer.key)
    ofSubject.set(issuer, isIssued)
    return isIssued
  }
}

/** Between which two begins and ends of certificates it is now. */
function times(
  certificates: readonly CertificateFacts[],
  now: number,
): Pick<ClientVerdict, 'fault' | 'from' | 'until'> {
  let [from, until] = [-Infinity, Infinity]
  for (const time of certificates.flatMap((facts) => [facts.from, facts.to])) {
    if (time <= now) from = Math.max(from, time)
    else until = Math.min(until, time)
  }
  return { fault: undefined, from, until }
}
