/** A server with simulated crypto units, for tests of `keywitness tke`. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { rootOf, type DeviceRoot } from '@keywitness/crypto-unit/tke/device-certificate'
import { json, LogServer, problem, type Seen } from '../log-server.ts'
import { WitnessedLog } from '../witnessed-log.ts'
import { SimulatedUnit, type UnitPlace } from './simulated-unit.ts'

export const instance = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
const base = `/v1/tke/${instance}`

const places: readonly UnitPlace[] = [
  { hsmId: 'unit-a', location: '[us-south].[AZ1-SOFT].[00].[03]', kind: 'operational' },
  { hsmId: 'unit-b', location: '[us-south].[AZ2-SOFT].[01].[03]', kind: 'operational' },
  { hsmId: 'unit-r', location: '[us-south].[AZ3-SOFT].[02].[03]', kind: 'recovery' },
]

export function rootKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
}

export class UnitServer {
  readonly http: LogServer
  readonly units: SimulatedUnit[]
  /** The root the server shows. */
  root: DeviceRoot
  /** What becomes of an answer on its way: a test alters it here, or returns undefined to break the connection. */
  onAnswer: (unit: SimulatedUnit, answer: string, request: string) => string | undefined = (_unit, answer) => answer
  /** What becomes of a request on its way. */
  onRequest: (unit: SimulatedUnit, request: string) => string = (_unit, request) => request
  /** What the rotation says next; the last one again and again. */
  rolls: Record<string, string>[] = [{ status: 'none', message: '', rewrapped: '0', total: '0', from: '', to: '' }]
  /** Called when a rotation is started. */
  onRoll: () => void = () => undefined
  /** Requests for failover units: the location and the body. */
  readonly assignments: { readonly region: string; readonly body: unknown }[] = []
  /** Every HTPRequest that arrived. */
  readonly requests: string[] = []

  private constructor(http: LogServer, root: KeyObject) {
    this.http = http
    this.root = rootOf(root)
    this.units = places.map((place, at) => new SimulatedUnit(place, instance, `SOFT000${at}`, root))
    http.instead.set('GET /v1/tke/availableBackupRegions', (_seen, response) =>
      json(response, { availableBackupRegions: ['eu-de', 'us-east', 'us-south'] }),
    )
    for (const region of ['eu-de', 'us-east']) {
      http.instead.set(`POST ${base}/hsmAssignment/${region}`, (seen, response) => {
        const body = JSON.parse(seen.body) as { numberOfHsmsRequested: number }
        this.assignments.push({ region, body })
        for (let at = 0; at < body.numberOfHsmsRequested; at++) this.#add(region, at, root)
        json(response, {})
      })
    }
    http.instead.set(`GET ${base}/hsms`, (_seen, response) => json(response, this.#list()))
    http.instead.set(`GET ${base}/root`, (_seen, response) => json(response, this.root))
    http.instead.set(`GET ${base}/key_roll`, (_seen, response) => json(response, this.#roll()))
    http.instead.set(`PUT ${base}/key_roll`, (_seen, response) => {
      this.onRoll()
      json(response, this.#roll())
    })
    for (const unit of this.units) this.#listen(unit)
  }

  #listen(unit: SimulatedUnit): void {
    this.http.instead.set(`POST ${base}/hsms/${unit.place.hsmId}`, (seen, response) =>
      this.#carry(unit, seen, response),
    )
  }

  #add(region: string, at: number, root: KeyObject): void {
    const place = {
      hsmId: `unit-f${at}`,
      location: `[${region}].[AZ${at + 4}-SOFT].[00].[03]`,
      kind: 'failover',
    } as const
    const unit = new SimulatedUnit(place, instance, `SOFT${at + 4}000`, root)
    this.units.push(unit)
    this.#listen(unit)
  }

  static async start(): Promise<UnitServer> {
    return new UnitServer(await LogServer.start(new WitnessedLog(1)), rootKey())
  }

  /** The unit of this number, from 1. */
  unit(number: number): SimulatedUnit {
    const unit = this.units[number - 1]
    if (unit === undefined) throw new RangeError('no such unit')
    return unit
  }

  #list(): object {
    const of = (kind: UnitPlace['kind']): object[] =>
      this.units
        .filter(({ place }) => place.kind === kind)
        .map((unit) => ({
          hsm_id: unit.place.hsmId,
          location: unit.place.location,
          serial_number: unit.serial,
          state: unit.state ?? (unit.threshold === 0 ? 'imprint' : 'ready'),
          version: 1,
        }))
    return { hsms: of('operational'), source_hsms: of('recovery'), failover_hsms: of('failover'), metadata: [] }
  }

  #roll(): Record<string, string> {
    const [first = {}, ...rest] = this.rolls
    if (rest.length > 0) this.rolls = rest
    return first
  }

  #carry(unit: SimulatedUnit, { body }: Seen, response: ServerResponse): void {
    const { request } = JSON.parse(body) as { request?: unknown }
    if (typeof request !== 'string') return problem(response, 400, 'BAD_REQUEST', 'No request.')
    this.requests.push(request)
    const answer = this.onAnswer(unit, unit.answer(this.onRequest(unit, request)), request)
    if (answer === undefined) response.destroy()
    else json(response, { response: answer })
  }
}
