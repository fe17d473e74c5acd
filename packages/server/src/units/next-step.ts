/** What a crypto unit waits for: the next step of a ceremony or of a rotation, as its registers and its instance's keys are. */
import type { UnitReport } from '@keywitness/crypto-unit/messages'
import type { Rotation } from './master-keys.ts'
import type { UnitStanding } from './unit-standings.ts'

/**
 * `confirm-state`: its administrators vouch for an older state, or zeroize it. `add-administrators`, `set-thresholds`: which
 * ends imprint mode. `load-master-key`: that of its instance, or the first one. `commit`, `activate`: what waits in the new
 * register. `rotate`: all units of the instance are to have the same new master key committed, then the rotation is begun, or
 * asked for again where some key material did not open. `await-rotation`: the server wraps anew. `none`: nothing.
 */
export const unitSteps = [
  'confirm-state',
  'add-administrators',
  'set-thresholds',
  'load-master-key',
  'commit',
  'rotate',
  'await-rotation',
  'activate',
  'none',
] as const
export type UnitStep = (typeof unitSteps)[number]

type Reported = Pick<UnitReport, 'imprint' | 'administrators' | 'currentRegister' | 'newRegister'>

/**
 * @param inForce verification pattern of the master key that the instance works with; of a rotation the one that comes
 * @param rotation the last one of the instance
 */
export function nextStep(
  report: Reported,
  standing: UnitStanding,
  inForce: string | undefined,
  rotation: Pick<Rotation, 'state' | 'broken'> | undefined,
): UnitStep {
  if (standing === 'stale') return 'confirm-state'
  if (report.imprint) return report.administrators.length === 0 ? 'add-administrators' : 'set-thresholds'
  const { currentRegister, newRegister } = report
  if (newRegister.state === 'uncommitted') return 'commit'
  const isComing = newRegister.state === 'committed'
  if (inForce === undefined) return firstKeyStep(currentRegister.state === 'empty', isComing)
  if (isComing && newRegister.pattern === inForce) return changeOver(rotation)
  if (currentRegister.pattern !== inForce) return 'load-master-key'
  return isComing ? 'rotate' : 'none'
}

/** Before the instance works. A recovery unit that has made the key waits for nothing: the others get it from there. */
function firstKeyStep(isEmpty: boolean, isComing: boolean): UnitStep {
  if (isComing) return 'activate'
  return isEmpty ? 'load-master-key' : 'none'
}

/** A unit that has the key in force committed changes over, once nothing is wrapped under the key that goes. */
function changeOver(rotation: Pick<Rotation, 'state' | 'broken'> | undefined): UnitStep {
  if (rotation?.state !== 'started') return 'activate'
  return rotation.broken > 0 ? 'rotate' : 'await-rotation'
}
