/** `iam-identity.authentication.flood`: one event for what flood control counted but did not record. */
import type { Logger } from 'pino'
import type { Audit } from '../audit.ts'
import type { Caller } from '../caller.ts'
import type { Accounts } from '../iam/accounts.ts'
import { commonMarks, type FloodControl, type FloodCount, type FloodMarks, floodWindowMs } from '../iam/flood.ts'
import { accountCrn } from '../iam/names.ts'

export interface FloodEventParts {
  readonly audit: Pick<Audit, 'witness'>
  readonly flood: FloodControl
  readonly accounts: Pick<Accounts, 'operator'>
  readonly cname: string
  readonly log: Logger
}

/** Sources that get an event of their own each time; the counts of the others are added up in one per network. */
export const floodEventsMax = 50

const lookEveryMs = 1_000

/** Records what floods there were. `all` also ends the running minutes, for a stop. */
export async function recordFloods(parts: FloodEventParts, all = false): Promise<void> {
  const counts = parts.flood.ended(all).toSorted((a, b) => b.count - a.count)
  const single = counts.slice(0, floodEventsMax)
  const rest = counts.slice(floodEventsMax)
  for (const isPrivate of [false, true]) {
    const those = rest.filter((one) => one.isPrivate === isPrivate)
    const count = those.reduce((sum, one) => sum + one.count, 0)
    const marks = those.reduce<FloodMarks | undefined>(commonMarks, undefined)
    if (count > 0) {
      single.push({ source: undefined, isPrivate, protocol: marks?.protocol, fingerprint: marks?.fingerprint, count })
    }
  }
  for (const count of single) await recordFlood(parts, count)
}

async function recordFlood(parts: FloodEventParts, flood: FloodCount): Promise<void> {
  const { source, isPrivate, protocol, fingerprint, count } = flood
  const operator = parts.accounts.operator()
  if (operator === undefined) return
  const caller: Caller = {
    id: 'unknown',
    name: 'unknown',
    kind: 'unknown',
    account: operator.id,
    credential: 'none',
    isPrivate,
    ...(source === undefined || isPrivate ? {} : { address: source }),
  }
  const crn = accountCrn(parts.cname, operator.id)
  try {
    await parts.audit.witness(
      'iam-identity.authentication.flood',
      { caller, destination: { account: operator.id, location: operator.home }, logSourceCRN: crn },
      { id: crn, name: operator.name },
      (seen) => {
        seen.request.protocol = protocol
        seen.request.certificateFingerprint = fingerprint
        seen.request.count = count
        seen.request.windowSeconds = floodWindowMs / 1_000
        return { code: 200, result: undefined }
      },
    )
  } catch (error) {
    // The next look tells it again, with what came since.
    parts.flood.untold(flood)
    parts.log.warn({ err: error }, 'a flood of failed authentications could not be recorded yet')
  }
}

/** Looks each second. The returned function stops that and records the rest. */
export function watchFloods(parts: FloodEventParts): () => Promise<void> {
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= recordFloods(parts).finally(() => {
      running = undefined
    })
  }, lookEveryMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
    await recordFloods(parts, true)
  }
}
