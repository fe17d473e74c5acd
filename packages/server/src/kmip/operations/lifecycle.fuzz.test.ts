/** Whatever is done to a key and however time goes by: its states are those of the table, and its events tell them all. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { uid } from '../testing/messages.ts'
import { attributesOf, createKey, dateAttribute, revocation } from '../testing/payloads.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)
const told = { seed, verbose: true }

type DateName = 'Activation Date' | 'Deactivation Date'

type Step =
  | { readonly do: 'Activate' | 'Revoke' | 'Compromise' | 'Destroy' | 'look' }
  | { readonly do: 'wait'; readonly seconds: number }
  /** @param offset from the time of the step, seconds */
  | { readonly do: 'date'; readonly name: DateName; readonly offset: number }

const offset = fc.integer({ min: -30, max: 60 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom('Activate', 'Revoke', 'Compromise', 'Destroy', 'look').map((act) => ({ do: act }) as const),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 40 }) }),
  fc.record({
    do: fc.constant('date' as const),
    name: fc.constantFrom<DateName>('Activation Date', 'Deactivation Date'),
    offset,
  }),
)

/** What the table of the standard says of one key. */
class Model {
  state = 1
  wasActive = false
  readonly dates: Partial<Record<DateName, number>>

  constructor(dates: Partial<Record<DateName, number>>, now: number) {
    this.dates = dates
    this.by(now)
  }

  /** What its dates have brought. */
  by(now: number): void {
    const { 'Activation Date': activation, 'Deactivation Date': deactivation } = this.dates
    if (this.state === 1 && activation !== undefined && activation <= now) this.state = 2
    if (this.state >= 2 && this.state <= 3) this.wasActive = true
    if (this.state === 2 && deactivation !== undefined && deactivation <= now) this.state = 3
  }

  /** Whether the dates would be in order. */
  isOrdered(name: DateName, value: number): boolean {
    const dates: Partial<Record<DateName, number>> = { ...this.dates, [name]: value }
    const { 'Activation Date': activation = -Infinity, 'Deactivation Date': deactivation = Infinity } = dates
    return activation <= deactivation
  }

  /** 'Success', or the reason why not. */
  take(one: Step, now: number): string {
    const { state } = this
    switch (one.do) {
      case 'Activate':
        if (state !== 1 || !this.isOrdered('Activation Date', now)) return 'PermissionDenied'
        return this.#set('Activation Date', now, now)
      case 'Revoke':
        if (state !== 2) return 'IllegalOperation'
        this.state = 3
        this.dates['Deactivation Date'] = now
        return 'Success'
      case 'Compromise':
        if (state === 4 || state === 6) return 'IllegalOperation'
        this.state = state === 5 ? 6 : 4
        return 'Success'
      case 'Destroy':
        if (state === 2 || state >= 5) return 'PermissionDenied'
        this.state = state === 4 ? 6 : 5
        return 'Success'
      case 'date': {
        const value = now + one.offset
        if (one.name === 'Activation Date' ? state !== 1 : state > 2) return 'PermissionDenied'
        return this.isOrdered(one.name, value) ? this.#set(one.name, value, now) : 'InvalidField'
      }
      default:
        return 'Success'
    }
  }

  #set(name: DateName, value: number, now: number): string {
    this.dates[name] = value
    this.by(now)
    return 'Success'
  }
}

async function take(house: KmipHouse, id: string, one: Step, dates: Model['dates']): Promise<string> {
  if (one.do === 'wait') {
    house.time += one.seconds * 1_000
    return 'Success'
  }
  const send = async (operation: Parameters<KmipHouse['client']['ask']>[0], payload = [uid(id)]): Promise<string> => {
    const [answer] = await house.client.send([{ operation, payload }])
    return answer?.reason ?? answer?.status ?? 'none'
  }
  if (one.do === 'look') return await send('GetAttributes')
  if (one.do === 'Revoke') return await send('Revoke', revocation(id, 'Superseded'))
  if (one.do === 'Compromise') return await send('Revoke', revocation(id, 'KeyCompromise'))
  if (one.do !== 'date') return await send(one.do)
  const isSet = dates[one.name] !== undefined
  const date = dateAttribute(one.name, house.time / 1_000 + one.offset)
  return await send(isSet ? 'ModifyAttribute' : 'AddAttribute', [uid(id), date])
}

test(`states follow the table, dates and all, and material is gone with destruction (seed ${seed})`, async () => {
  const house = await openKmipHouse()
  const dates = fc.record({ activation: fc.option(offset), life: fc.option(fc.nat(60)) })
  await fc.assert(
    fc.asyncProperty(dates, fc.array(step, { maxLength: 14 }), async ({ activation, life }, steps) => {
      const born = house.time / 1_000
      const given: Partial<Record<DateName, number>> = {}
      if (activation !== null) given['Activation Date'] = born + activation
      if (life !== null) given['Deactivation Date'] = born + (activation ?? 0) + life
      const attributes = Object.entries(given).map(([name, value]) => dateAttribute(name, value))
      const id = await createKey(house.client, attributes)
      const model = new Model(given, born)
      let furthest = model.state
      for (const one of steps) {
        model.by(house.time / 1_000)
        const answer = await take(house, id, one, model.dates)
        expect([one, answer]).toEqual([one, model.take(one, house.time / 1_000)])
        model.by(house.time / 1_000)
        expect(model.state).toBeGreaterThanOrEqual(furthest)
        furthest = model.state
      }
      const now = await attributesOf(house.client, id)
      expect(now['State']).toEqual([model.state])
      for (const name of ['Activation Date', 'Deactivation Date'] as const) {
        const value = model.dates[name]
        expect(now[name]).toEqual(value === undefined ? undefined : [BigInt(value)])
      }
      expect(model.wasActive && now['Activation Date'] === undefined).toBe(false)
      const [row] = house.store.all<{ blob: unknown; state: number }>(
        'SELECT blob, state FROM kmip_objects WHERE id = ?',
        id,
      )
      expect([row?.blob === null, row?.state]).toEqual([model.state >= 5, model.state])
      expect(chainOf(house, id)).toBe(model.state)
    }),
    { ...told, numRuns: 60 },
  )
}, 60_000)

/** The last state that the events of a key tell, each of which begins where the one before ended. */
function chainOf(house: KmipHouse, id: string): number {
  let state = 0
  for (const { action, outcome, responseData } of house.events()) {
    if (responseData['keyId'] !== id || outcome !== 'success') continue
    if (action === 'hs-crypto.kmip-key.create') state = Number(responseData['kmipState'])
    const from = (responseData['initialValue'] as { kmipState?: number } | undefined)?.kmipState
    const to = (responseData['newValue'] as { kmipState?: number } | undefined)?.kmipState
    if (to === undefined) continue
    expect(from).toBe(state)
    state = to
  }
  return state
}
