/** How the crypto units of an instance stand to its master key, as lists and metrics tell it. */
import type { UnitReport } from '@keywitness/crypto-unit/messages'

/** `serving`: a failover unit that is ready while no operational unit is. */
export const unitStandings = ['ready', 'serving', 'imprint', 'no_master_key', 'differs', 'stale'] as const
export type UnitStanding = (typeof unitStandings)[number]

interface Reported {
  readonly report: Pick<UnitReport, 'unit' | 'type' | 'imprint' | 'currentRegister' | 'newRegister'>
}

/**
 * @param units all of an instance
 * @param inForce verification pattern of the master key that it works with
 * @param isHeld whether a unit is refused because the trail knows a later state of it
 */
export function withStandings<U extends Reported>(
  units: readonly U[],
  inForce: string | undefined,
  isHeld: (unit: string) => boolean,
): (U & { readonly standing: UnitStanding })[] {
  const ownStanding = ({ report }: U): UnitStanding => (isHeld(report.unit) ? 'stale' : standingOf(report, inForce))
  const isServed = units.some((unit) => unit.report.type === 'operational' && ownStanding(unit) === 'ready')
  return units.map((unit) => {
    const standing = ownStanding(unit)
    const isStandingIn = standing === 'ready' && unit.report.type === 'failover' && !isServed
    return { ...unit, standing: isStandingIn ? 'serving' : standing }
  })
}

function standingOf(report: Reported['report'], inForce: string | undefined): UnitStanding {
  if (report.imprint) return 'imprint'
  const { currentRegister, newRegister } = report
  if (currentRegister.state === 'empty') return 'no_master_key'
  const isComing = newRegister.state === 'committed' && newRegister.pattern === inForce
  return currentRegister.pattern === inForce || isComing ? 'ready' : 'differs'
}
