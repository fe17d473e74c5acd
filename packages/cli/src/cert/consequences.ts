/** What a change of the certificates in force means for the clients of an instance, in words, before it is done and after. */
import { formatNumberOf } from '../printable.ts'
import type { Enforcement, HeldCertificate, HeldCertificates } from './cert-api.ts'

const dayMs = 86_400_000
/** From this many days on the end of a certificate is told each time. */
const soonDays = 30

const keystores = 'Keystores can then be reached over gRPC only: neither over HTTP nor in the console.'

/** Whole days that a certificate is still good for; negative when it has ended. */
export function daysLeft(notAfter: string, now: number): number {
  return Math.floor((Date.parse(notAfter) - now) / dayMs)
}

/** `ends in 12 days`, as people count. */
export function endText(notAfter: string, now: number): string {
  const days = daysLeft(notAfter, now)
  if (days < 0) return 'has ended'
  return days === 0 ? 'ends within a day' : `ends in ${formatNumberOf(days, 'day')}`
}

/** A time in a sentence. */
function utcText(time: string): string {
  return time.replace(/^(\S+)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC')
}

/** What is wrong, or will be soon, with a certificate's time; undefined when nothing is. */
export function timeWarning(
  { notBefore, notAfter }: Pick<HeldCertificate, 'notBefore' | 'notAfter'>,
  now: number,
): string | undefined {
  if (Date.parse(notBefore) > now)
    return `it is not valid before ${utcText(notBefore)}: until then no client gets in by it`
  const days = daysLeft(notAfter, now)
  if (days < 0) return `it ended on ${utcText(notAfter)}: no client gets in by it`
  return days < soonDays ? `it ${endText(notAfter, now)}: from then on no client gets in by it` : undefined
}

/** @param certId where it goes, and where the same is not already */
export function consequencesOfSet({ certs, mtlsEnabled }: HeldCertificates, certId: string): string[] {
  const replaced = certs.find((one) => one.certId === certId)
  if (!mtlsEnabled) {
    return [
      'It is the first one there: mutual TLS goes ON. From now on every client of EP11 without a certificate issued by it is refused, and so are those that are connected now.',
      keystores,
    ]
  }
  const elsewhere = certs.find((one) => one.certId !== certId && one.fingerprint === replaced?.fingerprint)
  if (replaced === undefined || elsewhere !== undefined) {
    return [`Clients with a certificate issued by it are let in as well. Nobody is cut off; mutual TLS stays on.`]
  }
  return [
    `It takes the place of ${replaced.subject} (SHA-256 ${replaced.fingerprint}). Clients with a certificate issued by that one alone are cut off at once, those that are connected now too.`,
    'To change over without a gap, set the new one under another id, and delete the old one when all clients have changed.',
  ]
}

export function consequencesOfDelete({ certs }: HeldCertificates, certId: string): string[] {
  const going = certs.find((one) => one.certId === certId)
  const rest = certs.filter((one) => one.certId !== certId)
  if (rest.some(({ fingerprint }) => fingerprint === going?.fingerprint)) {
    return ['The same certificate stays in force under another id: nothing changes for any client.']
  }
  const cut = 'Clients with a certificate issued by it alone are cut off at once, those that are connected now too.'
  if (rest.length > 0) {
    return [`${cut} Mutual TLS stays on: you keep ${formatNumberOf(rest.length, 'certificate')} in force.`]
  }
  return [
    'It is the last of yours. If no other administrator has one, mutual TLS goes OFF: every client of EP11 is then let in without a certificate, by its token alone.',
    `If another has one, mutual TLS stays on. ${cut}`,
  ]
}

export function consequencesOfNoKey({ certs, mtlsEnabled }: HeldCertificates): string[] {
  const [only, ...more] = certs
  if (only === undefined) {
    return [
      mtlsEnabled
        ? 'You have no certificates there; those of other administrators stay in force.'
        : 'Nothing is in force there: nothing changes for any client.',
    ]
  }
  const ids = certs.map(({ certId }) => certId).join(', ')
  const which = more.length === 0 ? `Your certificate ${ids} stays` : `Your certificates ${ids} stay`
  return [
    `${which} in force, and mutual TLS stays on. Nobody changes or deletes what is yours until you have set a new key.`,
    'To switch mutual TLS off, delete the certificates first.',
  ]
}

/** What is true after a change: said in any case when mutual TLS went on or off. */
export function enforcementText(before: Enforcement | undefined, { mtlsEnabled, generation }: Enforcement): string {
  const changed = before !== undefined && before.mtlsEnabled !== mtlsEnabled
  const state = mtlsEnabled
    ? `Mutual TLS is ${changed ? 'ON from now on' : 'on'}: clients of EP11 without a certificate are refused`
    : `Mutual TLS is ${changed ? 'OFF from now on' : 'off'}: clients of EP11 need no certificate`
  return `${state} (generation ${generation}).`
}

/** Told where somebody else has changed certificates since they were shown; undefined where nobody has. */
export function meanwhileText(before: Enforcement, after: Enforcement): string | undefined {
  return after.generation > before.generation + 1
    ? 'Somebody else has changed certificates of this instance since they were shown: look with keywitness cert status.'
    : undefined
}

/** Said with every list of the caller's own. */
export const othersText =
  'Certificates of other administrators of the instance, if there are any, are not shown: --all shows them.'
