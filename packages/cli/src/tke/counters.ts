/** The highest transaction counter that each unit has shown on this machine: an older answer, sent again, is noticed. */
import { memberOf } from '../api-client.ts'
import type { StateFolder } from './state-folder.ts'
import type { TkeApi } from './tke-api.ts'

const FILE = 'COUNTERS'
/** Units remembered. */
const entriesMax = 1_024

/** A counter in one life of a unit; a zeroize begins another. */
export interface Seen {
  readonly instance: number
  readonly counter: bigint
}

type Entry = Readonly<Record<'server' | 'hsm_id' | 'domain_instance' | 'counter', string>>

export class Counters {
  readonly #folder: StateFolder
  readonly #api: TkeApi

  constructor(folder: StateFolder, api: TkeApi) {
    this.#folder = folder
    this.#api = api
  }

  get file(): string {
    return this.#folder.fileOf(FILE)
  }

  async of(hsmId: string): Promise<Seen | undefined> {
    const entry = (await this.#read()).find((one) => this.#isOf(one, hsmId))
    if (entry === undefined) return undefined
    return { instance: Number(entry.domain_instance), counter: BigInt(entry.counter) }
  }

  async remember(hsmId: string, { instance, counter }: Seen): Promise<void> {
    const others = (await this.#read()).filter((one) => !this.#isOf(one, hsmId))
    const entry: Entry = {
      server: this.#api.origin,
      hsm_id: hsmId,
      domain_instance: String(instance),
      counter: counter.toString(),
    }
    await this.#folder.replaceJson(FILE, [...others, entry].slice(-entriesMax))
  }

  #isOf(entry: Entry, hsmId: string): boolean {
    return entry.server === this.#api.origin && entry.hsm_id === hsmId
  }

  async #read(): Promise<Entry[]> {
    const list = (await this.#folder.readJson(FILE)) ?? []
    const isKnown =
      Array.isArray(list) &&
      list.every(
        (one: unknown) =>
          /^\d{1,10}$/.test(String(memberOf(one, 'domain_instance'))) &&
          /^\d{1,39}$/.test(String(memberOf(one, 'counter'))),
      )
    if (!isKnown) throw this.#folder.damaged(FILE)
    return list as Entry[]
  }
}
