/** The crypto unit API (`/v1/tke`) of one service instance: which units there are, what is sent to one, key rotation. */
import type { DeviceRoot } from '@keywitness/crypto-unit/tke/device-certificate'
import { type ApiClient, memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'

export type UnitKind = 'operational' | 'recovery' | 'failover'

/** A crypto unit as the server lists it. */
export interface UnitEntry {
  /** Its place in the list, from 1: how people name it. */
  readonly number: number
  readonly kind: UnitKind
  readonly hsmId: string
  /** `[region].[zone].[module].[domain]` */
  readonly location: string
  readonly serial: string
  /** What the server says of it: `ready`, `serving`, `imprint`, `no_master_key`, `differs`, `stale`. */
  readonly state: string
  readonly moduleIndex: number
  readonly domainIndex: number
}

/** How far a rotation of the master key has come. */
export interface KeyRoll {
  readonly status: 'none' | 'started' | 'rewrapped' | 'finished' | 'failed'
  readonly message: string
  readonly rewrapped: number
  readonly total: number
  /** Verification patterns: of the key that leaves and of the one that comes. */
  readonly from: string
  readonly to: string
}

const unitsMax = 256
const answerBytesMax = 1024 * 1024
const rollStatuses = ['none', 'started', 'rewrapped', 'finished', 'failed'] as const

const kinds = [
  ['hsms', 'operational'],
  ['source_hsms', 'recovery'],
  ['failover_hsms', 'failover'],
] as const

export class TkeApi {
  readonly instance: string
  readonly #client: ApiClient
  readonly #base: string

  constructor(client: ApiClient, instance: string) {
    this.#client = client
    this.instance = instance
    this.#base = `/v1/tke/${encodeURIComponent(instance)}`
  }

  /** Scheme, host and port of the server. */
  get origin(): string {
    return this.#client.origin
  }

  /** All units of the instance: operational ones first, then recovery and failover units. */
  async units(): Promise<UnitEntry[]> {
    const answer = await this.#json('GET', '/hsms')
    const entries: UnitEntry[] = []
    for (const [member, kind] of kinds) {
      const list = memberOf(answer, member) ?? []
      if (!Array.isArray(list)) throw unknownForm()
      for (const item of list as unknown[]) entries.push(unitEntry(item, kind, entries.length + 1))
    }
    if (entries.length > unitsMax) throw unknownForm()
    return entries
  }

  /** Locations that failover units can be in, for an instance that is elsewhere. */
  async backupRegions(): Promise<string[]> {
    const answer = await this.#client.json('/v1/tke/availableBackupRegions', {
      query: { type: 'failover' },
      bytesMax: answerBytesMax,
    })
    const regions = memberOf(answer, 'availableBackupRegions')
    const isList = Array.isArray(regions) && regions.every((one) => typeof one === 'string' && regionForm.test(one))
    if (!isList) throw unknownForm()
    return regions as string[]
  }

  /** Adds failover units to the instance, so many in all; they begin in imprint mode. */
  async enableFailover(region: string, numberOfHsmsRequested: number): Promise<void> {
    const path = `/hsmAssignment/${encodeURIComponent(region)}?type=failover`
    await this.#json('POST', path, { numberOfHsmsRequested })
  }

  /** Carries one HTPRequest to one unit and brings its HTPResponse. */
  async send(hsmId: string, request: string): Promise<string> {
    const answer = await this.#json('POST', `/hsms/${encodeURIComponent(hsmId)}`, { request })
    const response = memberOf(answer, 'response')
    if (typeof response !== 'string' || response === '') throw unknownForm()
    return response
  }

  /** The root that the server says its device certificates hang from: to be compared, not to be believed. */
  async root(): Promise<DeviceRoot> {
    return parseRoot(await this.#json('GET', '/root'), `the root that ${this.origin} gave`)
  }

  /** Starts re-wrapping all stored keys from the current to the committed new master key. */
  async startKeyRoll(): Promise<KeyRoll> {
    return parseKeyRoll(await this.#json('PUT', '/key_roll'))
  }

  async keyRoll(): Promise<KeyRoll> {
    return parseKeyRoll(await this.#client.patiently(() => this.#json('GET', '/key_roll')))
  }

  #json(method: 'GET' | 'POST' | 'PUT', path: string, json?: object): Promise<unknown> {
    return this.#client.json(`${this.#base}${path}`, {
      method,
      bytesMax: answerBytesMax,
      ...(json === undefined ? {} : { json }),
    })
  }
}

const regionForm = /^[\x21-\x5a\x5e-\x7e]{1,64}$/

/** The location of the whole, of the four that a unit's is made of. */
export function regionOf({ location }: Pick<UnitEntry, 'location'>): string {
  return location.slice(1, location.indexOf(']'))
}

/** What people read and type to name a unit holds nothing that could steer a terminal. */
const locationForm = /^\[[\x21-\x5a\x5e-\x7e]{1,64}\]\.\[[\x21-\x5a\x5e-\x7e]{1,64}\]\.\[(\d{1,8})\]\.\[(\d{1,8})\]$/

function unitEntry(item: unknown, kind: UnitKind, number: number): UnitEntry {
  const text = (name: string, form: RegExp): string => {
    const value = memberOf(item, name)
    if (typeof value !== 'string' || !form.test(value)) throw unknownForm()
    return value
  }
  const location = text('location', locationForm)
  const [, moduleIndex, domainIndex] = locationForm.exec(location) ?? []
  return {
    number,
    kind,
    hsmId: text('hsm_id', /^[\x21-\x7e]{1,128}$/),
    location,
    serial: text('serial_number', /^[0-9A-Z]{8}$/),
    state: memberOf(item, 'state') === undefined ? '' : text('state', /^[a-z_]{0,32}$/),
    moduleIndex: Number(moduleIndex),
    domainIndex: Number(domainIndex),
  }
}

/** @throws CliError `BAD_ANSWER` when it is none: three members of hexadecimal digits */
export function parseRoot(value: unknown, what: string): DeviceRoot {
  const digits = (name: string, length: number): string => {
    const member = memberOf(value, name)
    if (typeof member === 'string' && member.length === length && /^[0-9a-f]+$/i.test(member)) {
      return member.toLowerCase()
    }
    throw new CliError('BAD_ANSWER', `${what} is no device root`, 'it is an object with ski, x and y, in hexadecimal')
  }
  return { ski: digits('ski', 64), x: digits('x', 132), y: digits('y', 132) }
}

function parseKeyRoll(value: unknown): KeyRoll {
  const text = (name: string): string => {
    const member = memberOf(value, name)
    return typeof member === 'string' ? member : ''
  }
  const status = rollStatuses.find((known) => known === text('status'))
  if (status === undefined) throw unknownForm()
  const count = (name: string): number => (/^\d{1,15}$/.test(text(name)) ? Number(text(name)) : 0)
  return {
    status,
    message: text('message'),
    rewrapped: count('rewrapped'),
    total: count('total'),
    from: text('from'),
    to: text('to'),
  }
}

function unknownForm(): CliError {
  return new CliError('BAD_ANSWER', 'the server answered in another form than this command knows')
}
