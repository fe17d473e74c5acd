/** Batches against a model of a few lines: what is answered, what is kept, and what is recorded. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ActivityEvent } from '@keywitness/cadf'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { aesKey, uid, uidOf } from './testing/messages.ts'
import { read, type ReadItem, write, type WrittenItem } from './testing/written-messages.ts'
import { enumerations } from './ttlv/enumerations.ts'
import { boolean, enumeration, type Item, structure } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

const seed = Number(process.env['SEED'] ?? 20_261_201)
const told = { seed, verbose: true, numRuns: 60 }

/** Which object an item names: the placeholder, one that an earlier message made, or none there is. */
type Aim = 'placeholder' | 'none' | number

type Step =
  | { readonly what: 'create' | 'query' | 'unsupported' | 'critical' }
  | { readonly what: 'activate' | 'revoke' | 'destroy' | 'list' | 'get'; readonly aim: Aim }

interface Message {
  readonly option: 'Stop' | 'Continue' | 'Undo' | undefined
  readonly order: boolean | undefined
  readonly steps: readonly { readonly step: Step; readonly id: Uint8Array }[]
}

const aim = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Aim>('placeholder') },
  { weight: 6, arbitrary: fc.nat({ max: 5 }) },
  { weight: 1, arbitrary: fc.constant<Aim>('none') },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ what: 'create' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ what: 'query' }, { what: 'unsupported' }, { what: 'critical' }) },
  {
    weight: 10,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'activate' as const,
        'revoke' as const,
        'destroy' as const,
        'list' as const,
        'get' as const,
      ),
      aim,
    }),
  },
)
const message: fc.Arbitrary<Message> = fc.record({
  option: fc.constantFrom('Stop' as const, 'Continue' as const, 'Undo' as const, undefined),
  order: fc.constantFrom(true, false, undefined),
  steps: fc.uniqueArray(fc.record({ step, id: fc.uint8Array({ minLength: 1, maxLength: 40 }) }), {
    minLength: 1,
    maxLength: 8,
    selector: ({ id }) => Buffer.from(id).toString('hex'),
  }),
})

const nowhere = '00000000-0000-4000-8000-000000000000'
const { Operation } = enumerations
const numberOf: Readonly<Record<Step['what'], number>> = {
  create: Operation.Create,
  query: Operation.Query,
  unsupported: Operation.Archive,
  critical: Operation.Query,
  activate: Operation.Activate,
  revoke: Operation.Revoke,
  destroy: Operation.Destroy,
  list: Operation.GetAttributeList,
  get: Operation.Get,
}

/** State after the operation; undefined where it is refused. The list of reference section 9, and no more. */
function next(what: string, state: number | undefined): number | undefined {
  if (state === undefined) return undefined
  if (what === 'activate') return state === 1 ? 2 : undefined
  if (what === 'revoke') return state === 2 ? 3 : undefined
  if (what === 'destroy') return state === 1 || state === 3 ? 5 : undefined
  if (what === 'get') return state === 5 ? undefined : state
  return state
}

interface Predicted {
  readonly statuses: readonly string[]
  /** Of the objects there are now, in the order in which they were made. */
  readonly states: readonly number[]
}

function predict({ option = 'Stop', steps }: Message, before: readonly number[]): Predicted {
  const states = [...before]
  const statuses: string[] = []
  let placeholder: number | undefined
  for (const { step: one } of steps) {
    let isDone = one.what === 'create' || one.what === 'query'
    if (one.what === 'create') placeholder = states.push(1) - 1
    if ('aim' in one) {
      const place = one.aim === 'placeholder' ? placeholder : one.aim === 'none' ? undefined : one.aim
      // What this very message makes has no number yet that the client could name.
      const isKnown = place !== undefined && (one.aim === 'placeholder' || place < before.length)
      const after = next(one.what, isKnown ? states[place] : undefined)
      isDone = after !== undefined
      if (after !== undefined && place !== undefined) states[place] = after
    }
    statuses.push(isDone ? 'Success' : 'OperationFailed')
    if (isDone || option === 'Continue') continue
    if (option === 'Stop') return { statuses, states }
    return { statuses: statuses.map((status) => (status === 'Success' ? 'OperationUndone' : status)), states: before }
  }
  return { statuses, states }
}

function payloadOf(one: Step, ids: readonly string[]): Item[] {
  if (one.what === 'create') return aesKey()
  if (!('aim' in one)) return []
  const named = one.aim === 'placeholder' ? [] : [uid(one.aim === 'none' ? nowhere : (ids[one.aim] ?? nowhere))]
  const reason = structure(tags.RevocationReason, [enumeration(tags.RevocationReasonCode, 4)])
  return one.what === 'revoke' ? [...named, reason] : named
}

function itemOf({ step: one, id }: Message['steps'][number], ids: readonly string[]): WrittenItem {
  const written = { operation: numberOf[one.what], id, payload: payloadOf(one, ids) }
  return one.what === 'critical' ? { ...written, extension: true } : written
}

async function exchange(house: KmipHouse, sent: Message, ids: readonly string[]): Promise<readonly ReadItem[]> {
  const { option, order, steps } = sent
  const header = [
    ...(option === undefined
      ? []
      : [enumeration(tags.BatchErrorContinuationOption, enumerations.BatchErrorContinuationOption[option])]),
    ...(order === undefined ? [] : [boolean(tags.BatchOrderOption, order)]),
  ]
  const items = steps.map((one) => itemOf(one, ids))
  return read((await house.client.raw(write({ header, items }))).bytes).items
}

function storedStates(house: KmipHouse): number[] {
  return house.store.all<{ state: number }>('SELECT state FROM kmip_objects ORDER BY number').map(({ state }) => state)
}

/** What the events must say of the items that were answered: all of them have one, but Query that succeeded. */
function expectedEvents(sent: Message, statuses: readonly string[]): object[] {
  return statuses.flatMap((status, at) => {
    const what = sent.steps[at]?.step.what
    if (what === 'query' && status !== 'OperationFailed') return []
    return [[at, status === 'Success' ? 'success' : 'failure', status === 'OperationUndone']]
  })
}

const factsOf = ({ requestData, outcome }: ActivityEvent): unknown[] => [
  requestData['batchIndex'],
  outcome,
  requestData['isUndone'] === true,
]

test('whatever stands in batches, items, objects and events are those of the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 4 }), async (messages) => {
      const house = await openKmipHouse()
      const ids = [uidOf(await house.client.ask('Create', aesKey()))]
      let states: readonly number[] = [1]
      for (const sent of messages) {
        const before = house.events().length
        const expected = predict(sent, states)
        const items = await exchange(house, sent, ids)
        expect(items.map(({ status }) => status)).toEqual(expected.statuses)
        expect(items.map(({ id }) => id)).toEqual(
          sent.steps.slice(0, items.length).map(({ id }) => Buffer.from(id).toString('hex')),
        )
        expect(items.map(({ operation }) => operation)).toEqual(
          sent.steps.slice(0, items.length).map(({ step: one }) => numberOf[one.what]),
        )
        expect(storedStates(house)).toEqual(expected.states)
        expect(house.events().slice(before).map(factsOf)).toEqual(expectedEvents(sent, expected.statuses))
        for (const [at, { status, payload }] of items.entries()) {
          const isCreated = sent.steps[at]?.step.what === 'create' && status === 'Success'
          if (isCreated) ids.push(uidOf(payload ?? []))
        }
        states = expected.states
      }
      expect(house.logged).toEqual([])
    }),
    told,
  )
}, 60_000)
