/** Crypto units whose stored state is older than the trail: the store was set back, and they must not simply go on. */
import { catalogue } from '@keywitness/cadf'
import type { Audit } from '../audit.ts'
import { type Instance, resourceCrn } from '../instances/instance.ts'
import type { Reader } from '../store/store.ts'
import { systemCircumstances } from '../system-caller.ts'
import type { Trail } from '../trail/trail.ts'
import type { TrailOfUnit } from '../units/administration.ts'
import { unitsOf, type CommittedUnit } from '../units/unit-states.ts'
import type { UnitLog, Units } from '../units/units.ts'

export interface StaleUnitParts {
  readonly store: Reader
  readonly trail: Pick<Trail, 'ask' | 'tracker' | 'remotes'>
  readonly units: Pick<Units, 'hold'>
  readonly audit: Audit
  readonly serviceName: string
  readonly log: UnitLog
}

interface UnitEvent {
  readonly requestData?: { readonly transactionCounter?: string }
  readonly responseData?: { readonly unitRevision?: number }
}

/** Events of commands: those that can name the state that came of them. */
const actions = catalogue
  .all()
  .filter(({ request }) => request.some(({ name }) => name === 'transactionCounter'))
  .map(({ action }) => action)

const PAGE = 1_000

/**
 * Compares each unit with the newest state that its tracker has an event of. A unit that is behind is refused from then
 * on, and that is an event. Trackers of other servers cannot be asked here.
 */
export async function holdStaleUnits(parts: StaleUnitParts, instances: readonly Instance[]): Promise<void> {
  for (const instance of instances) {
    const tracker = parts.trail.tracker(instance.account, instance.location)
    if (tracker === undefined || parts.trail.remotes.find(tracker) !== undefined) {
      // Told each time: nobody else would notice a store that was set back.
      const text = 'The trail of this instance is not here: whether its crypto units were set back is not known.'
      if (unitsOf(parts.store, instance.guid).length > 0) parts.log.warn({ instance: instance.guid }, text)
      continue
    }
    for (const unit of unitsOf(parts.store, instance.guid)) {
      const known = await lastKnown(parts, instance, unit)
      if (known !== undefined && known.revision > unit.revision) await holdUnit(parts, instance, unit, known)
    }
  }
}

/**
 * Looks from the newest event back for one that names a state: refused commands that changed nothing do not, and however
 * many of them there are, they hide nothing. What the search tables have not yet, the search reads from the log itself; a
 * page ends with its turn, so that it may be empty.
 */
async function lastKnown(
  { trail }: StaleUnitParts,
  instance: Instance,
  { unit }: CommittedUnit,
): Promise<TrailOfUnit | undefined> {
  const target = [resourceCrn(instance, 'tke-cryptounit', unit)]
  let cursor: string | undefined
  do {
    const page = await trail.ask(instance, 'events', {
      filter: { action: actions, target },
      order: 'desc',
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const items = JSON.parse(`[${Buffer.from(page.items).toString('utf8')}]`) as { readonly event: UnitEvent }[]
    const found = items.map(({ event }) => stateOf(event)).find((known) => known !== undefined)
    if (found !== undefined) return found
    cursor = page.next
  } while (cursor !== undefined)
  return undefined
}

function stateOf({ requestData, responseData }: UnitEvent): TrailOfUnit | undefined {
  const revision = responseData?.unitRevision
  if (revision === undefined) return undefined
  const counter = requestData?.transactionCounter
  return { revision, counter: counter !== undefined && /^\d{1,39}$/.test(counter) ? BigInt(counter) : 0n }
}

async function holdUnit(
  { units, audit, serviceName }: StaleUnitParts,
  instance: Instance,
  unit: CommittedUnit,
  known: TrailOfUnit,
): Promise<void> {
  units.hold(unit, known)
  await audit.witness(
    'hs-crypto.tke-cryptounit.hold',
    systemCircumstances(instance, serviceName),
    { id: resourceCrn(instance, 'tke-cryptounit', unit.unit), name: unit.location },
    (seen) => {
      seen.request = { location: unit.location, lastRevision: known.revision }
      seen.response = { unitRevision: unit.revision }
      return { result: undefined, code: 200 }
    },
  )
}
