/** Cells of a list of KMIP client certificates: until when each is good, in words where it is not, and its fingerprint. */
import type { Resource } from '../kms-api.ts'
import { memberText } from '../resource-output.ts'
import type { Style, Surroundings } from '../surroundings.ts'

/** Words for what keeps a certificate from letting its owner in, as the service tells it. */
const faults: Readonly<Record<string, string>> = {
  expired: 'expired',
  not_yet_valid: 'not valid yet',
  weak: 'weak key',
}

/** By the service's word, or else by the dates; undefined where nothing is wrong. */
function faultOf(io: Surroundings, certificate: Resource): string | undefined {
  const standing = memberText(certificate, 'standing')
  if (standing !== '') return standing === 'valid' ? undefined : (faults[standing] ?? standing)
  const now = io.now()
  if (Date.parse(memberText(certificate, 'notAfter')) <= now) return 'expired'
  return Date.parse(memberText(certificate, 'notBefore')) > now ? 'not valid yet' : undefined
}

/** The day it ends; of one without such a day, nothing. */
export function endText(io: Surroundings, certificate: Resource): string {
  const fault = faultOf(io, certificate)
  const end = memberText(certificate, 'notAfter').slice(0, 10)
  return [end, fault ?? ''].filter((text) => text !== '').join(', ')
}

export function endStyle(io: Surroundings, certificate: Resource): Style | undefined {
  return faultOf(io, certificate) === undefined ? undefined : 'red'
}

/** Whole where there is room for it: `show` and `--json` have it in any case. */
export function shortFingerprint({ out }: Surroundings, certificate: Resource): string {
  const fingerprint = memberText(certificate, 'fingerprint')
  return out.isTerminal ? `${fingerprint.slice(0, 16)}${fingerprint === '' ? '' : '…'}` : fingerprint
}

/** How it stands, in words, for one that is shown by itself. */
export function standingText(io: Surroundings, certificate: Resource): string {
  return faultOf(io, certificate) ?? 'valid'
}
