/** Two clients at one keystore, in any order of their calls: what each is answered and what is left agree with a model. */
import fc from 'fast-check'
import { attributeTypes } from '@keywitness/crypto-unit/ep11/attributes'
import { expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { allAttributes } from './key-content.ts'
import { openKeystoreHouse } from './testing/keystore-house.ts'

const { CKA_LABEL } = attributeTypes
const keystore = '0f8fad5b-d9cb-469f-a165-70867728950e'
const ids = ['11111111-2222-4333-8444-000000000001', '11111111-2222-4333-8444-000000000002'] as const

/** One call of a client. `which` names a key, `tx` a TxID that may be used again, `version` the one it thinks is there. */
const call = fc.record({
  what: fc.constantFrom('store', 'update', 'destroy'),
  which: fc.constantFrom(...ids),
  tx: fc.constantFrom(undefined, 'aa', 'bb'),
  version: fc.nat(2),
  label: fc.constantFrom('x', 'y'),
})
type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never

interface Entry {
  readonly version: number
  readonly label: string
}

interface Former {
  readonly content: string
  readonly which: string
  readonly version: number
}

/** The rules, written once more and without a store: what each call is answered, in the order of the log. */
class Model {
  readonly keys: Map<string, Entry>
  readonly written: Map<string, Former>
  /** How often something was written. */
  writes: number

  constructor(other?: Model) {
    this.keys = new Map(other?.keys)
    this.written = new Map(other?.written)
    this.writes = other?.writes ?? 0
  }

  answer({ what, which, tx, version, label }: Call): string {
    const entry = this.keys.get(which)
    if (what === 'destroy') {
      if (entry === undefined) return 'NOT_FOUND'
      this.keys.delete(which)
      this.writes += 1
      return 'done'
    }
    const content = what === 'store' ? `store ${which} ${label}` : `update ${which} ${label} ${version}`
    const former = tx === undefined ? undefined : this.written.get(tx)
    if (former !== undefined) {
      if (former.content !== content) return 'KEYSTORE_REPLAY'
      const now = this.keys.get(former.which)
      if (now === undefined) return 'NOT_FOUND'
      return now.version === former.version ? `version ${now.version}` : 'KEYSTORE_STALE'
    }
    if (what === 'store' && entry !== undefined) return 'ALREADY_EXISTS'
    if (what === 'update' && entry === undefined) return 'NOT_FOUND'
    if (what === 'update' && entry?.version !== version) return 'KEYSTORE_STALE'
    const next = what === 'store' ? 0 : version + 1
    this.keys.set(which, { version: next, label })
    this.writes += 1
    if (tx !== undefined) this.written.set(tx, { content, which, version: next })
    return `version ${next}`
  }
}

test('any calls of two clients at once: answers, objects and events are those of one order of the calls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(call, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 }),
      async (rounds) => {
        const { ask, house, ep11 } = openKeystoreHouse()
        await ask.create({ id: keystore })
        const object = ep11.key()
        const answered = new Map<string, { call: Call; answer: string }>()
        let calls = 0
        const make = async (one: Call): Promise<void> => {
          const { what, which, tx, version, label } = one
          const attributes = new Map([[CKA_LABEL, Buffer.from(label)]])
          const caller = { ...house.call().caller, isPrivate: false, agent: `call-${calls++}` }
          const by = { caller, instance: house.instance }
          const named = { keystore, key: which }
          const answer = await (
            what === 'store'
              ? ask.store(keystore, { id: which, tx, object, attributes }, by)
              : what === 'update'
                ? ask.update(named, { tx, version, attributes }, by)
                : ask.destroy(named, {}, by)
          ).then(
            (done) => (done === undefined ? 'done' : `version ${done.version}`),
            (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
          )
          answered.set(caller.agent, { call: one, answer })
        }
        let model = new Model()
        const untrue: { call: Call; answer: string }[] = []
        for (const round of rounds) {
          const before = house.events().length
          // What a round holds is under way at the same time, and shares commits.
          await Promise.all(round.map(make))
          const events = house.events().slice(before)
          expect(events).toHaveLength(round.length)
          // The log has what was written in its order; what wrote nothing was true at some time while it was under way.
          const states = [model]
          for (const event of events) {
            const one = answered.get(event.initiator.host?.agent ?? '')
            if (one === undefined) throw new Error('an event of no call')
            expect(event.outcome).toBe(/^(?:done|version)/.test(one.answer) ? 'success' : 'failure')
            const next = new Model(model)
            if (next.answer(one.call) === one.answer && next.writes > model.writes) {
              model = next
              states.push(next)
            } else if (!states.some((state) => new Model(state).answer(one.call) === one.answer)) {
              if (one.answer !== 'CONFLICT') untrue.push(one)
            }
          }
        }
        expect(untrue).toEqual([])
        const left = (await ask.keysByIds(keystore)).objects.map((stored) => [
          stored.id,
          stored.version,
          String(allAttributes(stored).get(CKA_LABEL)),
        ])
        const expected = [...model.keys].map(([id, entry]) => [id, entry.version, entry.label])
        expect(new Set(left.map(String))).toEqual(new Set(expected.map(String)))
        expect(left).toHaveLength(expected.length)
        const [row] = await ask.byIds([keystore])
        expect(row?.objects).toBe(model.keys.size)
        const totals = house.store.get<{ objects: number }>('SELECT objects FROM keystore_totals')
        expect(totals?.objects).toBe(model.keys.size)
      },
    ),
    { numRuns: 120 },
  )
})
