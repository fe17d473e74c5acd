/** Whether an answer fits what this machine knows of a unit: the same module, the same life, no older state. */
import type { ResponseBlock } from '@keywitness/crypto-unit/tke/admin-message'
import type { Danger } from './consent.ts'
import { unproven } from './unit-refused.ts'
import type { Remembered, UnitMemory } from './unit-memory.ts'

/** The module instance of units that were made before it was derived: it tells nothing of whose they are. */
export const SHARED_MODULE_INSTANCE = 1n

/** Asks a person who must agree by name, or was named before; false when it is not agreed to. */
export type AcceptDanger = (danger: Danger) => Promise<boolean>

type Shown = Pick<ResponseBlock, 'domainInstance' | 'counter' | 'moduleInstance'>

export class Acquaintance {
  readonly #memory: UnitMemory
  readonly #hsmId: string
  readonly #location: string
  readonly #accept: AcceptDanger
  #known: Remembered | undefined
  /** An older state was accepted in this run: only what follows a command of our own is remembered of it. */
  #isLowered = false

  private constructor(
    memory: UnitMemory,
    unit: { readonly hsmId: string; readonly location: string },
    accept: AcceptDanger,
    known: Remembered | undefined,
  ) {
    this.#memory = memory
    this.#hsmId = unit.hsmId
    this.#location = unit.location
    this.#accept = accept
    this.#known = known
  }

  static async of(
    memory: UnitMemory,
    unit: { readonly hsmId: string; readonly location: string },
    accept: AcceptDanger,
  ): Promise<Acquaintance> {
    return new Acquaintance(memory, unit, accept, await memory.of(unit.hsmId))
  }

  /** @throws CliError `VERIFICATION_FAILED` when the answer does not fit, and nobody accepts that */
  async demandFits(shown: Shown, moduleSki: string): Promise<void> {
    for (const { name, words } of this.#known === undefined ? [] : misfits(this.#known, shown, moduleSki)) {
      if (!(await this.#accept({ name, words: `crypto unit ${this.#location}: ${words}` }))) {
        throw unproven(this.#location, `${words} (if you know why, add --accept ${name})`)
      }
      if (name === 'older-than-seen') this.#isLowered = true
    }
    this.#known = after(this.#known, shown, moduleSki)
  }

  /** Makes durable what was seen. */
  async remember(): Promise<void> {
    if (this.#known !== undefined && !this.#isLowered) await this.#memory.remember(this.#hsmId, this.#known)
  }

  /** A command of our own is about to leave for the unit: from now on the state it was signed for is the one we know. */
  async beforeCommand(isZeroize: boolean): Promise<void> {
    this.#isLowered = false
    if (this.#known !== undefined && isZeroize) this.#known = { ...this.#known, isZeroized: true }
    await this.remember()
  }

  /** What became of a zeroize: `unknown` leaves both lives possible. */
  afterZeroize(outcome: 'done' | 'refused'): void {
    if (this.#known === undefined) return
    const { instance, ended } = this.#known
    this.#known =
      outcome === 'done'
        ? { ...this.#known, ended: [...ended, instance], isZeroized: true }
        : { ...this.#known, isZeroized: false }
  }
}

/** What of an answer does not fit. */
function misfits(known: Remembered, shown: Shown, moduleSki: string): Danger[] {
  const { moduleInstance } = known
  const isAnotherModule =
    (known.moduleSki !== '' && known.moduleSki !== moduleSki) ||
    (moduleInstance !== undefined &&
      moduleInstance !== SHARED_MODULE_INSTANCE &&
      moduleInstance !== shown.moduleInstance)
  const life = lifeMisfit(known, shown)
  return [
    ...(isAnotherModule ? [{ name: 'another-module', words: 'another module signed it than this machine knows' }] : []),
    ...(life === undefined ? [] : [life]),
  ]
}

function lifeMisfit(known: Remembered, { domainInstance, counter }: Shown): Danger | undefined {
  if (known.ended.includes(domainInstance)) {
    return { name: 'another-life', words: 'it is of a life of the unit that a zeroize ended' }
  }
  if (known.instance === domainInstance) {
    return counter < known.counter ? { name: 'older-than-seen', words: 'it is older than one seen before' } : undefined
  }
  if (known.isZeroized) return undefined
  return {
    name: 'another-life',
    words: 'the unit was zeroized, replaced or set back since this machine saw it, and not from here',
  }
}

function after(known: Remembered | undefined, shown: Shown, moduleSki: string): Remembered {
  const { domainInstance: instance, counter, moduleInstance } = shown
  if (known === undefined || known.instance !== instance) {
    const ended = [...(known?.ended ?? []), ...(known === undefined ? [] : [known.instance])]
    return {
      instance,
      counter,
      moduleSki,
      moduleInstance,
      ended: [...new Set(ended)].filter((one) => one !== instance),
      isZeroized: false,
    }
  }
  // A zeroize over a counter that the same life has used is dead.
  const isZeroized = known.isZeroized && counter <= known.counter
  const ended = known.ended.filter((one) => one !== instance)
  return { instance, counter, moduleSki, moduleInstance, ended, isZeroized }
}
