/** New crypto units of an instance: each in its place, in imprint mode, with the event of its beginning. */
import { randomBytes } from 'node:crypto'
import { uuidv7 } from '@keywitness/cadf'
import type { UnitIdentity, UnitType } from '@keywitness/crypto-unit/messages'
import type { Audit, Circumstances, Done } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { resourceCrn } from '../instances/instance.ts'
import type { UnitCounts } from '../instances/new-instance.ts'
import type { Change, Reader } from '../store/store.ts'
import type { UnitAdministration } from './administration.ts'
import { answered, type UnitCommandParts } from './unit-command.ts'
import { countInZone, insertUnit, unitsOf, type CommittedUnit } from './unit-states.ts'

/** Of an instance that was made without saying how many. */
const defaultCounts: UnitCounts = { operational: 2, recovery: 1 }
/** Zones of operational units from the first on; those of recovery units, which need not be apart from them. */
const operationalZones = [1, 2, 3]
const recoveryZones = [3, 2]

const factOf = (instance: string): string => `units ${instance}`

/** Fixes how many units an instance has, with the instance itself. */
export function fixCounts(instance: string, counts: UnitCounts): Change {
  return {
    sql: 'INSERT INTO facts (name, value) VALUES (?, ?)',
    params: [factOf(instance), JSON.stringify(counts)],
    rows: 1,
  }
}

function planOf(store: Reader, instance: string): { readonly type: UnitType; readonly zone: number }[] {
  const row = store.get<{ value: string }>('SELECT value FROM facts WHERE name = ?', factOf(instance))
  const { operational, recovery } = row === undefined ? defaultCounts : (JSON.parse(row.value) as UnitCounts)
  return [
    ...operationalZones.slice(0, operational).map((zone) => ({ type: 'operational' as const, zone })),
    ...recoveryZones.slice(0, recovery).map((zone) => ({ type: 'recovery' as const, zone })),
  ]
}

const DOMAINS_PER_MODULE = 256

export interface ProvisionParts {
  readonly store: Reader
  readonly audit: Audit
  readonly clock: Pick<Clock, 'now'>
  readonly administration: Pick<UnitAdministration, 'create'>
  readonly settle: UnitCommandParts['settle']
}

/** Makes the units that are missing. What a crash cut short is finished by the next call. */
export async function provisionUnits(
  parts: ProvisionParts,
  instance: string,
  circumstances: Circumstances,
): Promise<CommittedUnit[]> {
  const { location } = circumstances.destination
  for (const { type, zone } of planOf(parts.store, instance)) {
    const prefix = zonePrefix(location, zone)
    const isThere = unitsOf(parts.store, instance).some(
      (unit) => unit.type === type && unit.location.startsWith(prefix),
    )
    if (!isThere) await provisionUnit(parts, instance, circumstances, type, zone)
  }
  return unitsOf(parts.store, instance)
}

function zonePrefix(location: string, zone: number): string {
  return `[${location}].[AZ${zone}-SOFT].`
}

/** A fresh unit is the result of a reset: that is the event of its creation. */
async function provisionUnit(
  { store, audit, clock, administration, settle }: ProvisionParts,
  instance: string,
  circumstances: Circumstances,
  type: UnitType,
  zone: number,
): Promise<void> {
  const unit = uuidv7(clock.now(), randomBytes(10))
  const target = { id: resourceCrn({ crn: circumstances.logSourceCRN }, 'tke-cryptounit', unit), name: unit }
  await audit.witness(
    'hs-crypto.tke-cryptounit.reset',
    circumstances,
    target,
    async (seen): Promise<Done<undefined>> => {
      // Decided anew on every attempt: another instance's unit may have taken the place.
      const prefix = zonePrefix(circumstances.destination.location, zone)
      const count = countInZone(store, prefix)
      const module = Math.floor(count / DOMAINS_PER_MODULE)
      const location = `${prefix}[${digits(module, 2)}].[${digits(count % DOMAINS_PER_MODULE, 2)}]`
      const identity: UnitIdentity = { instance, unit, type, location, serial: `SOFT${zone}${digits(module, 3)}` }
      seen.target = { ...target, name: location }
      seen.request = { location }
      seen.response = { unitRevision: 1 }
      const sealed = await answered(administration.create(identity))
      return {
        result: undefined,
        code: 200,
        changes: insertUnit(identity, 1, sealed),
        settled: () => settle({ ...identity, revision: 1 }, sealed, undefined),
      }
    },
  )
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}
