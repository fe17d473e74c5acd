/** Columns of a list of certificates: what each is, and how long it is good for. */
import type { ResourceColumn } from '../resource-output.ts'
import type { Style, Surroundings } from '../surroundings.ts'
import type { HeldCertificate } from './cert-api.ts'
import { daysLeft, timeWarning } from './consequences.ts'

type Listed = HeldCertificate & Readonly<Record<string, unknown>>

/** The first one is the id. */
export function certificateColumns<C extends Listed>(
  io: Surroundings,
): readonly [ResourceColumn<C>, ...ResourceColumn<C>[]] {
  const now = io.now()
  return [
    { title: 'id', of: ({ certId }) => certId },
    { title: 'subject', isWide: true },
    { title: 'ends', of: ({ notAfter }) => notAfter.slice(0, 10) },
    { title: 'days', of: ({ notAfter }) => String(daysLeft(notAfter, now)), style: (one) => endStyle(one, now) },
    { title: 'SHA-256', of: ({ fingerprint }) => shortened(io, fingerprint), isExtra: true },
  ]
}

/** Whole where there is room for it: `cert get` and `--json` have it in any case. */
function shortened({ out }: Surroundings, fingerprint: string): string {
  return out.isTerminal && (out.columns ?? 80) < 120 ? `${fingerprint.slice(0, 16)}…` : fingerprint
}

function endStyle(certificate: HeldCertificate, now: number): Style | undefined {
  if (timeWarning(certificate, now) === undefined) return undefined
  return daysLeft(certificate.notAfter, now) < 0 ? 'red' : 'yellow'
}
