/** All units of this process by instance, and the question whether an instance can work: with which master key. */
import { parseLocation, type MasterKey, type UnitState } from './registers.ts'
import { UnitError } from './unit-error.ts'

const INSTANCES_MAX = 10_000
const UNITS_PER_INSTANCE_MAX = 16
const ZONES_MIN = 2
const RECOVERY_UNITS_MIN = 1

interface InstanceUnits {
  readonly units: Map<string, UnitState>
  master: MasterKey | UnitError
}

export class UnitSet {
  readonly #instances = new Map<string, InstanceUnits>()

  /**
   * Puts a committed state into force.
   * @returns whether the instance's master key changed by it
   * @throws UnitError `STALE_STATE` when a newer state is in force, `LIMIT` when there is no room
   */
  adopt(state: UnitState): boolean {
    const instance = this.#instances.get(state.instance) ?? this.#open(state.instance)
    const inForce = instance.units.get(state.unit)
    if (inForce !== undefined && inForce.revision > state.revision) {
      throw new UnitError('STALE_STATE', 'A newer state of this unit is in force.')
    }
    // One commit per revision: it is the state in force already, sent again after a restart.
    if (inForce?.revision === state.revision) return false
    if (inForce === undefined && instance.units.size >= UNITS_PER_INSTANCE_MAX) {
      throw new UnitError('LIMIT', 'An instance has too many units.')
    }
    instance.units.set(state.unit, state)
    const before = patternOf(instance.master)
    instance.master = masterOf([...instance.units.values()])
    return patternOf(instance.master) !== before
  }

  /** @throws UnitError `NOT_READY` when there is no such unit */
  unit(instance: string, unit: string): UnitState {
    const state = this.#instances.get(instance)?.units.get(unit)
    if (state === undefined) throw new UnitError('NOT_READY', 'There is no such crypto unit.')
    return state
  }

  /** The master key an instance works with. @throws UnitError `NOT_READY` with what is missing */
  master(instance: string): MasterKey {
    const master =
      this.#instances.get(instance)?.master ?? new UnitError('NOT_READY', 'The instance has no crypto units.')
    if (master instanceof UnitError) throw new UnitError(master.status, master.message)
    return master
  }

  #open(name: string): InstanceUnits {
    if (this.#instances.size >= INSTANCES_MAX) throw new UnitError('LIMIT', 'There are too many instances.')
    const opened: InstanceUnits = { units: new Map(), master: new UnitError('NOT_READY', 'No unit yet.') }
    this.#instances.set(name, opened)
    return opened
  }
}

/**
 * The one master key of an instance: active in at least two operational units of different availability zones and in
 * one recovery unit. Units that are empty do not count; two that differ stop everything, because keys wrapped by one
 * could not be opened by the other.
 */
function masterOf(units: readonly UnitState[]): MasterKey | UnitError {
  const active = units.filter((unit) => unit.currentKey !== undefined)
  const master = active[0]?.currentKey
  if (master === undefined) return new UnitError('NOT_READY', 'No master key is active.')
  if (active.some((unit) => unit.currentKey?.pattern !== master.pattern)) {
    return new UnitError('NOT_READY', "The units' master keys differ.")
  }
  const operational = active.filter((unit) => unit.type === 'operational')
  const zones = new Set(operational.map((unit) => parseLocation(unit.location)?.zone))
  if (operational.length < ZONES_MIN || zones.size < ZONES_MIN) {
    return new UnitError('NOT_READY', 'The master key is not active in two operational units of different zones.')
  }
  if (active.filter((unit) => unit.type === 'recovery').length < RECOVERY_UNITS_MIN) {
    return new UnitError('NOT_READY', 'The master key is not active in a recovery unit.')
  }
  return master
}

function patternOf(master: MasterKey | UnitError): string | undefined {
  return master instanceof UnitError ? undefined : master.pattern
}
