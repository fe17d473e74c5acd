/** Failover units: they stand by in another location than the instance's, and are made all at once or not at all. */
import { alongside, type Done, type Seen } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { Condition } from '../store/store.ts'
import { creation, identityIn, makeUnit, newUnitId, seenOfCreation, type ProvisionParts } from './provision.ts'
import { unitsOf, type CommittedUnit } from './unit-states.ts'

/**
 * Availability zones of failover units. Operational and recovery units have others: serial numbers of modules follow from
 * the zone, and no two modules of one instance may share one.
 */
const zones = [4, 5, 6]
const countMin = 2
const countMax = 3

/** What failover units an instance is to have. */
export interface FailoverWish {
  readonly instance: Pick<Instance, 'guid' | 'crn'>
  /** A location other than the instance's. */
  readonly region: string
  /** 2 or 3. */
  readonly count: number
}

/**
 * Makes the failover units of an instance, in imprint mode; they are committed together, each with its event. What a crash
 * cuts short has not happened.
 * @throws Refusal `FAILOVER_ENABLED`, `FAILOVER_COUNT`, `UNIT_UNAVAILABLE`
 */
export async function enableFailover(
  parts: Omit<ProvisionParts, 'audit'>,
  { instance, region, count }: FailoverWish,
  seen: Seen<'hs-crypto.tke-cryptounit-failover.enable'>,
): Promise<Done<readonly CommittedUnit[]>> {
  seen.request = { backupRegion: region, failoverUnits: count }
  const units = unitsOf(parts.store, instance.guid)
  if (units.some(({ type }) => type === 'failover')) throw new Refusal('FAILOVER_ENABLED')
  const operational = units.filter(({ type }) => type === 'operational').length
  if (count < countMin || count > Math.min(countMax, operational)) throw new Refusal('FAILOVER_COUNT')
  const identities = zones.slice(0, count).map((zone) => {
    const place = { instance: instance.guid, type: 'failover', region, zone } as const
    return identityIn(parts.store, place, newUnitId(parts.clock))
  })
  const made = await Promise.all(identities.map((identity) => makeUnit(parts, identity)))
  return {
    result: made.map(({ unit }) => unit),
    code: 200,
    changes: made.flatMap(({ changes }) => changes),
    conditions: [noFailoverUnits(instance.guid)],
    alongside: identities.map((identity) => alongside(creation, seenOfCreation(instance.crn, identity))),
    settled: () => {
      for (const { settled } of made) settled()
    },
  }
}

function noFailoverUnits(instance: string): Condition {
  return {
    sql: "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM unit_states WHERE instance = ? AND type = 'failover')",
    params: [instance],
  }
}
