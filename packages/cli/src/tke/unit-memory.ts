/** `COUNTERS`: what this machine knows of each unit, its module, its life and its counter, so that another's answers are noticed. */
import { memberOf } from '../api-client.ts'
import type { StateFolder } from './state-folder.ts'
import type { TkeApi } from './tke-api.ts'

const FILE = 'COUNTERS'
/** Units remembered. */
const entriesMax = 1_024
/** Lives remembered of a unit that are over. */
const endedMax = 64

/** A unit as its signed answers have shown it. A life goes from one zeroize to the next, with a counter of its own. */
export interface Remembered {
  /** Number of its life. */
  readonly instance: number
  /** The highest counter that it has shown in that life. */
  readonly counter: bigint
  /** Identifier of the module's key, 64 hex digits; empty where an older version wrote the file. */
  readonly moduleSki: string
  /** Undefined where an older version wrote the file. */
  readonly moduleInstance: bigint | undefined
  /** Lives of it that are over. */
  readonly ended: readonly number[]
  /** A zeroize left this machine that may have begun another life. */
  readonly isZeroized: boolean
}

type Entry = Readonly<Record<string, string>>

const forms: Readonly<Record<string, RegExp>> = {
  domain_instance: /^\d{1,10}$/,
  counter: /^\d{1,39}$/,
  module_ski: /^([0-9a-f]{64})?$/,
  module_instance: /^\d{0,20}$/,
  ended: /^(\d{1,10}( \d{1,10}){0,63})?$/,
  zeroized: /^(yes)?$/,
}

export class UnitMemory {
  readonly #folder: StateFolder
  readonly #api: TkeApi

  constructor(folder: StateFolder, api: TkeApi) {
    this.#folder = folder
    this.#api = api
  }

  async of(hsmId: string): Promise<Remembered | undefined> {
    const entry = (await this.#read()).find((one) => this.#isOf(one, hsmId))
    if (entry === undefined) return undefined
    const {
      domain_instance: instance = '',
      counter = '',
      module_ski: moduleSki = '',
      module_instance: module = '',
    } = entry
    return {
      instance: Number(instance),
      counter: BigInt(counter),
      moduleSki,
      moduleInstance: module === '' ? undefined : BigInt(module),
      ended: (entry['ended'] ?? '').split(' ').filter(Boolean).map(Number),
      isZeroized: entry['zeroized'] === 'yes',
    }
  }

  async remember(hsmId: string, known: Remembered): Promise<void> {
    const others = (await this.#read()).filter((one) => !this.#isOf(one, hsmId))
    const entry: Entry = {
      server: this.#api.origin,
      hsm_id: hsmId,
      domain_instance: String(known.instance),
      counter: known.counter.toString(),
      module_ski: known.moduleSki,
      module_instance: known.moduleInstance?.toString() ?? '',
      ended: known.ended.slice(-endedMax).join(' '),
      zeroized: known.isZeroized ? 'yes' : '',
    }
    await this.#folder.replaceJson(FILE, [...others, entry].slice(-entriesMax))
  }

  #isOf(entry: Entry, hsmId: string): boolean {
    return entry['server'] === this.#api.origin && entry['hsm_id'] === hsmId
  }

  async #read(): Promise<Entry[]> {
    const list = (await this.#folder.readJson(FILE)) ?? []
    const isKnown = Array.isArray(list) && list.every(isEntry)
    if (!isKnown) throw this.#folder.damaged(FILE)
    return list as Entry[]
  }
}

function isEntry(one: unknown): boolean {
  return Object.entries(forms).every(([name, form]) => {
    const value = memberOf(one, name) ?? ''
    return typeof value === 'string' && form.test(value)
  })
}
