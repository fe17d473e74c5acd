/** What needs somebody first, of everything that the overview knows: the worst on top. */
import type { AlertingStatus } from '../api/alert-types.ts'
import type { TrackerStatus } from '../api/integrity-api.ts'
import type { InstanceDetail } from '../api/instances-api.ts'

type AttentionName =
  | 'altered'
  | 'badVerification'
  | 'forged'
  | 'missing'
  | 'failing'
  | 'unreachable'
  | 'criticalAlerts'
  | 'certificateEnded'
  | 'engine'
  | 'channelsFailing'
  | 'suspendedRules'
  | 'warningAlerts'
  | 'certificateEnds'
  | 'verificationNotDone'
  | 'verificationOld'
  | 'proposals'
  | 'noChannel'

/** Where something can be done about it. */
type AttentionPlace =
  | 'integrity'
  | 'verifications'
  | 'continuity'
  | 'keeping'
  | 'alerts'
  | 'channels'
  | 'rules'
  | 'certificates'

export interface Attention {
  readonly name: AttentionName
  readonly tone: 'critical' | 'warning'
  readonly place: AttentionPlace
  readonly location: string
  readonly count: number
  /** Instance that it is about. */
  readonly instance?: { readonly guid: string; readonly name: string }
  /** RFC 3339: when it ends, or since when it is so. */
  readonly at?: string
}

interface LocationFacts {
  readonly location: string
  readonly status?: TrackerStatus | undefined
  readonly alerting?: AlertingStatus | undefined
}

const dayMs = 86_400_000
/** Certificates that end within this time are told. */
const soonMs = 30 * dayMs
/** A log is verified once a day; twice missed is late. */
const verificationOldMs = 2 * dayMs

/** @param now milliseconds since the epoch */
export function attentionOf(
  locations: readonly LocationFacts[],
  instances: readonly InstanceDetail[],
  now: number,
): readonly Attention[] {
  const all = [
    ...locations.flatMap((facts) => [...ofLog(facts, now), ...ofAlerting(facts)]),
    ...instances.flatMap((instance) => ofCertificates(instance, now)),
  ]
  return [...all.filter(({ tone }) => tone === 'critical'), ...all.filter(({ tone }) => tone === 'warning')]
}

function ofLog({ location, status }: LocationFacts, now: number): Attention[] {
  if (status === undefined) return []
  const found: Attention[] = []
  const add = (name: AttentionName, tone: Attention['tone'], place: AttentionPlace, count = 1, at?: string): void => {
    found.push({ name, tone, place, location, count, ...(at !== undefined && { at }) })
  }
  const { oddities, verification, isFailing, trouble, openProposals } = status
  const last = verification?.last
  if (typeof oddities?.altered === 'number') add('altered', 'critical', 'integrity', oddities.altered)
  if (last?.state === 'bad') add('badVerification', 'critical', 'verifications', last.findingsTotal, last.endedAt)
  if (oddities !== undefined && oddities.forged > 0) add('forged', 'critical', 'continuity', oddities.forged)
  const missing = (oddities?.missing ?? 0) + (oddities?.epochs ?? 0)
  if (missing > 0) add('missing', 'critical', 'continuity', missing)
  if (isFailing === true) add('failing', 'critical', 'integrity')
  if (typeof trouble === 'string') add('unreachable', 'critical', 'integrity')
  if (last?.state === 'failed') add('verificationNotDone', 'warning', 'verifications', 1, last.endedAt)
  if (last?.state === 'good' && now - Date.parse(last.endedAt) > verificationOldMs) {
    add('verificationOld', 'warning', 'verifications', 1, last.endedAt)
  }
  if (openProposals > 0) add('proposals', 'warning', 'keeping', openProposals)
  return found
}

function ofAlerting({ location, alerting }: LocationFacts): Attention[] {
  if (alerting === undefined) return []
  const { engine, counts, channels, rules } = alerting
  const item = (name: AttentionName, tone: Attention['tone'], place: AttentionPlace, count = 1): Attention => ({
    name,
    tone,
    place,
    location,
    count,
  })
  const failing = channels.filter(({ state }) => state === 'failing').length
  return [
    ...(counts.open.critical > 0 ? [item('criticalAlerts', 'critical', 'alerts', counts.open.critical)] : []),
    ...(engine.state === 'running' ? [] : [item('engine', 'warning', 'alerts')]),
    ...(failing > 0 ? [item('channelsFailing', 'warning', 'channels', failing)] : []),
    ...(rules.suspended.length > 0 ? [item('suspendedRules', 'warning', 'rules', rules.suspended.length)] : []),
    ...(counts.open.warning > 0 ? [item('warningAlerts', 'warning', 'alerts', counts.open.warning)] : []),
    ...(channels.length === 0 ? [item('noChannel', 'warning', 'channels')] : []),
  ]
}

function ofCertificates({ guid, name, location, clientCertificates }: InstanceDetail, now: number): Attention[] {
  const { nextExpiry } = clientCertificates
  if (nextExpiry === null) return []
  const left = Date.parse(nextExpiry) - now
  if (left > soonMs) return []
  const about = { place: 'certificates', location, count: 1, instance: { guid, name }, at: nextExpiry } as const
  return [
    left <= 0
      ? { name: 'certificateEnded', tone: 'critical', ...about }
      : { name: 'certificateEnds', tone: 'warning', ...about },
  ]
}
