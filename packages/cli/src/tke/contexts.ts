/** What is remembered of each server's instance: which units are selected (`DOMAINS`), and the root pinned for it (`ROOTS`). */
import type { DeviceRoot } from '@keywitness/crypto-unit/tke/device-certificate'
import { memberOf } from '../api-client.ts'
import type { StateFolder } from './state-folder.ts'
import { parseRoot, type TkeApi, type UnitEntry } from './tke-api.ts'

const DOMAINS = 'DOMAINS'
const ROOTS = 'ROOTS'
/** Entries kept in either file. */
const entriesMax = 1_024

type Entry = Readonly<Record<string, string>>

export class Contexts {
  readonly #folder: StateFolder

  constructor(folder: StateFolder) {
    this.#folder = folder
  }

  /** Ids of the selected units. */
  async selected(api: TkeApi): Promise<string[]> {
    return (await this.#ofContext(DOMAINS, api)).map((entry) => entry['hsm_id'] ?? '')
  }

  async select(api: TkeApi, units: readonly UnitEntry[]): Promise<void> {
    await this.#replace(
      DOMAINS,
      api,
      units.map((unit) => ({
        domain_num: String(unit.number),
        hsm_id: unit.hsmId,
        location: unit.location,
        serial_num: unit.serial,
        type: unit.kind,
        selected: 'true',
      })),
    )
  }

  async root(api: TkeApi): Promise<(DeviceRoot & { readonly pinned: string }) | undefined> {
    const [entry] = await this.#ofContext(ROOTS, api)
    if (entry === undefined) return undefined
    return { ...parseRoot(entry, this.#folder.fileOf(ROOTS)), pinned: entry['pinned'] ?? '' }
  }

  /** @param pinned how it came to be trusted */
  async pin(api: TkeApi, { ski, x, y }: DeviceRoot, pinned: string): Promise<void> {
    await this.#replace(ROOTS, api, [{ ski, x, y, pinned }])
  }

  async #ofContext(file: string, api: TkeApi): Promise<Entry[]> {
    return (await this.#read(file)).filter((entry) => isOf(entry, api))
  }

  async #replace(file: string, api: TkeApi, entries: readonly Entry[]): Promise<void> {
    const others = (await this.#read(file)).filter((entry) => !isOf(entry, api))
    const own = entries.map((entry) => ({ server: api.origin, crypto_instance_id: api.instance, ...entry }))
    await this.#folder.replaceJson(file, [...others, ...own].slice(-entriesMax))
  }

  async #read(file: string): Promise<Entry[]> {
    const list = (await this.#folder.readJson(file)) ?? []
    if (!Array.isArray(list)) throw this.#folder.damaged(file)
    return list.map((item: unknown) => {
      const isText =
        typeof item === 'object' && item !== null && Object.values(item).every((v) => typeof v === 'string')
      if (!isText) throw this.#folder.damaged(file)
      return item as Entry
    })
  }
}

function isOf(entry: Entry, api: TkeApi): boolean {
  return memberOf(entry, 'server') === api.origin && memberOf(entry, 'crypto_instance_id') === api.instance
}
