/** All units of this process by instance: which state of each is in force, and with which master key an instance works. */
import type { MasterKey, UnitState } from './registers.ts'
import { CONTROL_POINT_BYTES } from './tke/attributes.ts'
import { UnitError } from './unit-error.ts'

const INSTANCES_MAX = 10_000
const UNITS_PER_INSTANCE_MAX = 16

/** What the server holds against a unit whose state is older than what the trail says of it. */
export interface Hold {
  /** Last counter that the trail knows: commands must use a greater one. */
  readonly counter: bigint
  /** Last revision that the trail knows: the state that ends the hold gets a greater one. */
  readonly revision: number
}

export interface HeldState {
  readonly state: UnitState
  /** Undefined for a unit that may work. */
  readonly hold: Hold | undefined
}

/** What an instance has to work with at the moment. */
export interface Workplace {
  /** The master key in force: it wraps. */
  readonly master: MasterKey
  /** It, and whatever working units hold in their current registers: what opens. */
  readonly active: readonly MasterKey[]
  /** A key that is committed and not active yet. */
  readonly pending: MasterKey | undefined
  /** All of them. */
  readonly held: readonly MasterKey[]
  /** Of the unit that works, which is the first that holds the master key in force. */
  readonly controlPoints: Buffer
}

interface InstanceUnits {
  readonly units: Map<string, HeldState>
  /** Verification pattern of the master key that the instance works with, as the server committed it. */
  inForce: string | undefined
  /** As it was last asked for; undefined once anything changed. */
  workplace: Workplace | undefined
}

export class UnitSet {
  readonly #instances = new Map<string, InstanceUnits>()

  /**
   * Puts a committed state into force. One that is newer than what a hold names ends the hold.
   * @returns whether the keys that the instance can use changed by it
   * @throws UnitError `STALE_STATE` when a newer state is in force, `LIMIT` when there is no room
   */
  adopt(state: UnitState): boolean {
    const instance = this.#open(state.instance)
    const before = keysOf(instance)
    const held = instance.units.get(state.unit)
    if (held !== undefined && held.state.revision > state.revision) {
      throw new UnitError('STALE_STATE', 'A newer state of this unit is in force.')
    }
    // One commit per revision: it is the state in force already, sent again after a restart.
    if (held?.state.revision === state.revision) return false
    if (held === undefined && instance.units.size >= UNITS_PER_INSTANCE_MAX) {
      throw new UnitError('LIMIT', 'An instance has too many units.')
    }
    const hold = held?.hold !== undefined && held.hold.revision >= state.revision ? held.hold : undefined
    instance.units.set(state.unit, { state, hold })
    instance.workplace = undefined
    return keysOf(instance) !== before
  }

  /**
   * Keeps a unit from work until its administrators confirm its state. The unit begins a new life for it: no command that
   * was ever signed names that, whatever counters the lives between had. It is committed with the confirmation.
   * @throws UnitError `NOT_READY`
   */
  hold(instance: string, unit: string, hold: Hold, domainInstance: number): void {
    const { state } = this.unit(instance, unit)
    const opened = this.#open(instance)
    opened.units.set(unit, { state: { ...state, domainInstance }, hold })
    opened.workplace = undefined
  }

  /** With which master key an instance works from now on: it wraps, whatever else is held only opens. */
  direct(instance: string, inForce: string | undefined): void {
    const opened = this.#open(instance)
    opened.inForce = inForce
    opened.workplace = undefined
  }

  /** @throws UnitError `NOT_READY` when there is no such unit */
  unit(instance: string, unit: string): HeldState {
    const held = this.#instances.get(instance)?.units.get(unit)
    if (held === undefined) throw new UnitError('NOT_READY', 'There is no such crypto unit.')
    return held
  }

  /**
   * The master key in force, from any unit that is ready: one is enough, a failover unit if no operational one is.
   * @throws UnitError `NOT_READY` with what is missing
   */
  master(name: string): MasterKey {
    const instance = this.#instances.get(name)
    if (instance === undefined) throw new UnitError('NOT_READY', 'The instance has no crypto units.')
    const pattern = instance.inForce
    const working = workingUnits(instance)
    if (pattern === undefined || working.every(({ currentKey }) => currentKey === undefined)) {
      throw new UnitError('NOT_READY', 'No master key is active.')
    }
    const key = keyByPattern(working, pattern)
    if (key === undefined) throw new UnitError('NOT_READY', 'No crypto unit holds the master key of the instance.')
    return key
  }

  /**
   * A master key by its pattern, wherever a working unit holds it: in force, replaced by a rotation but still there, or
   * on its way.
   * @throws UnitError `NOT_READY` when no master key is active at all
   */
  holding(name: string, pattern: string): MasterKey | undefined {
    this.master(name)
    const instance = this.#instances.get(name)
    return instance === undefined ? undefined : keyByPattern(workingUnits(instance), pattern)
  }

  /** @throws UnitError `NOT_READY` as `master` */
  workplace(name: string): Workplace {
    const known = this.#instances.get(name)?.workplace
    if (known !== undefined) return known
    const master = this.master(name)
    const instance = this.#open(name)
    instance.workplace = workplaceOf(master, workingUnits(instance))
    return instance.workplace
  }

  #open(name: string): InstanceUnits {
    const known = this.#instances.get(name)
    if (known !== undefined) return known
    if (this.#instances.size >= INSTANCES_MAX) throw new UnitError('LIMIT', 'There are too many instances.')
    const opened: InstanceUnits = { units: new Map(), inForce: undefined, workplace: undefined }
    this.#instances.set(name, opened)
    return opened
  }
}

/**
 * In the order in which a key is looked for: failover units stand by, and serve what no operational unit holds. Recovery
 * units hold a copy and never work; a unit on hold does not either.
 */
function workingUnits({ units }: InstanceUnits): UnitState[] {
  const free = [...units.values()].filter(({ hold }) => hold === undefined).map(({ state }) => state)
  return (['operational', 'failover'] as const).flatMap((type) => free.filter((state) => state.type === type))
}

function keyByPattern(units: readonly UnitState[], pattern: string): MasterKey | undefined {
  for (const { currentKey, newKey } of units) {
    if (currentKey?.pattern === pattern) return currentKey
    if (newKey?.committed === true && newKey.pattern === pattern) return newKey
  }
  return undefined
}

function workplaceOf(master: MasterKey, units: readonly UnitState[]): Workplace {
  const others = units.flatMap(({ currentKey }) => (currentKey === undefined ? [] : [currentKey]))
  const committed = units.flatMap(({ newKey }) => (newKey?.committed === true ? [newKey] : []))
  const active = distinct([master, ...others])
  const works = units.find((unit) => keyByPattern([unit], master.pattern) !== undefined)
  return {
    master,
    active,
    pending: committed.find(({ pattern }) => others.every((one) => one.pattern !== pattern)),
    held: distinct([...active, ...committed]),
    controlPoints: works?.controlPoints ?? Buffer.alloc(CONTROL_POINT_BYTES),
  }
}

function distinct(keys: readonly MasterKey[]): MasterKey[] {
  return [...new Map(keys.map((key) => [key.pattern, key])).values()]
}

/** The patterns of all keys that can be used, as one text to compare. */
function keysOf(instance: InstanceUnits): string {
  return workingUnits(instance)
    .flatMap(({ currentKey, newKey }) => [currentKey?.pattern, newKey?.committed === true ? newKey.pattern : ''])
    .join(' ')
}
