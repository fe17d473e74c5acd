/** New crypto units of an instance: each in its place, in imprint mode, with the event of its beginning. */
import { randomBytes } from 'node:crypto'
import { uuidv7 } from '@keywitness/cadf'
import type { UnitIdentity, UnitType } from '@keywitness/crypto-unit/messages'
import type { Audit, Circumstances, Done, Seen } from '../audit.ts'
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
/** Of a new unit's state. */
const FIRST_REVISION = 1

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
  const { location: region } = circumstances.destination
  for (const { type, zone } of planOf(parts.store, instance)) {
    const prefix = zonePrefix(region, zone)
    const isThere = unitsOf(parts.store, instance).some(
      (unit) => unit.type === type && unit.location.startsWith(prefix),
    )
    if (!isThere) await provisionUnit(parts, circumstances, { instance, type, region, zone })
  }
  return unitsOf(parts.store, instance)
}

function zonePrefix(region: string, zone: number): string {
  return `[${region}].[AZ${zone}-SOFT].`
}

/** A fresh unit is the result of a reset: that is the event of its creation. */
export const creation = 'hs-crypto.tke-cryptounit.reset'

async function provisionUnit(parts: ProvisionParts, circumstances: Circumstances, place: UnitPlace): Promise<void> {
  const unit = newUnitId(parts.clock)
  const crn = circumstances.logSourceCRN
  const target = { id: resourceCrn({ crn }, 'tke-cryptounit', unit), name: unit }
  await parts.audit.witness(creation, circumstances, target, async (seen): Promise<Done<undefined>> => {
    const identity = identityIn(parts.store, place, unit)
    Object.assign(seen, seenOfCreation(crn, identity))
    const { changes, settled } = await makeUnit(parts, identity)
    return { result: undefined, code: 200, changes, settled }
  })
}

export interface UnitPlace {
  /** Instance GUID. */
  readonly instance: string
  readonly type: UnitType
  readonly region: string
  /** Number of the availability zone. */
  readonly zone: number
}

export function newUnitId(clock: Pick<Clock, 'now'>): string {
  return uuidv7(clock.now(), randomBytes(10))
}

/** In the next free domain of its zone. Decided anew on every attempt: another instance's unit may have taken it. */
export function identityIn(store: Reader, { instance, type, region, zone }: UnitPlace, unit: string): UnitIdentity {
  const prefix = zonePrefix(region, zone)
  const count = countInZone(store, prefix)
  const module = Math.floor(count / DOMAINS_PER_MODULE)
  const location = `${prefix}[${digits(module, 2)}].[${digits(count % DOMAINS_PER_MODULE, 2)}]`
  return { instance, unit, type, location, serial: `SOFT${zone}${digits(module, 3)}` }
}

/** @param crn of the instance */
export function seenOfCreation(crn: string, { unit, location }: UnitIdentity): Seen<typeof creation> {
  return {
    target: { id: resourceCrn({ crn }, 'tke-cryptounit', unit), name: location },
    request: { location },
    response: { unitRevision: FIRST_REVISION },
  }
}

/** A unit in imprint mode, with what commits it and what puts it into force then. */
export async function makeUnit(
  { administration, settle }: Pick<ProvisionParts, 'administration' | 'settle'>,
  identity: UnitIdentity,
): Promise<{ readonly unit: CommittedUnit; readonly changes: readonly Change[]; readonly settled: () => void }> {
  const unit = { ...identity, revision: FIRST_REVISION }
  const sealed = await answered(administration.create(identity))
  return {
    unit,
    changes: insertUnit(identity, FIRST_REVISION, sealed),
    settled: () => settle(unit, sealed, undefined),
  }
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}
