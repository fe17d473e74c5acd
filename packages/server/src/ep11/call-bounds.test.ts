/** How many calls are under way and read at a time, who waits, and that everything is given back. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallBounds, type CallBoundsOptions, type Seat } from './call-bounds.ts'

const options = { calls: 4, callsOfCaller: 3, readings: 2, readingsOfCaller: 1, heldBytes: 100 }
const boundsOf = (more: Partial<CallBoundsOptions> = {}): CallBounds => new CallBounds({ ...options, ...more })

function enter(bounds: CallBounds, caller: string): Seat {
  const seat = bounds.enter(caller)
  if (seat === undefined) throw new Error('there is no room')
  return seat
}

test('one caller has fewer calls than all together, and each place is given back', () => {
  const bounds = boundsOf()
  const seats = [1, 2, 3].map(() => enter(bounds, 'a'))
  expect(bounds.enter('a')).toBeUndefined()
  enter(bounds, 'b')
  expect(bounds.enter('c')).toBeUndefined()
  seats[0]?.leave()
  seats[0]?.leave()
  enter(bounds, 'a')
  expect(bounds.enter('c')).toBeUndefined()
  expect(bounds.calls).toBe(4)
})

test('who waited longest reads next, unless the caller reads already', () => {
  const bounds = boundsOf({ readings: 2 })
  const order: string[] = []
  const [first, second, third] = ['a', 'a', 'b'].map((caller) => enter(bounds, caller))
  first?.read(() => order.push('a1'))
  second?.read(() => order.push('a2'))
  third?.read(() => order.push('b'))
  expect(order).toEqual(['a1', 'b'])
  first?.done()
  expect(order).toEqual(['a1', 'b', 'a2'])
})

test('a call that is gone before its turn is not read', () => {
  const bounds = boundsOf({ readings: 1 })
  const order: string[] = []
  const [first, second] = ['a', 'b'].map((caller) => enter(bounds, caller))
  first?.read(() => order.push('a'))
  second?.read(() => order.push('b'))
  second?.leave()
  first?.done()
  expect(order).toEqual(['a'])
})

test('bytes are held until the call ends', () => {
  const bounds = boundsOf()
  const [one, other] = ['a', 'b'].map((caller) => enter(bounds, caller))
  expect(one?.hold(60)).toBe(true)
  expect(other?.hold(60)).toBe(false)
  other?.leave()
  expect(one?.hold(40)).toBe(true)
  expect(one?.hold(1)).toBe(false)
  one?.leave()
  expect(one?.hold(1)).toBe(false)
  expect(enter(bounds, 'c').hold(100)).toBe(true)
})

test('whatever calls do in whatever order, in the end everything is free and nobody waits in vain', () => {
  const steps = fc.array(fc.record({ who: fc.constantFrom('a', 'b', 'c'), what: fc.nat(3), at: fc.nat(20) }))
  fc.assert(
    fc.property(steps, (list) => {
      const bounds = boundsOf()
      const seats: { seat: Seat; caller: string; begun: boolean; done: boolean; asked: boolean }[] = []
      for (const { who, what, at } of list) {
        const chosen = seats[at % Math.max(1, seats.length)]
        if (what === 0) {
          const seat = bounds.enter(who)
          if (seat !== undefined) seats.push({ seat, caller: who, begun: false, done: false, asked: false })
        } else if (chosen === undefined) continue
        else if (what === 1) {
          chosen.asked = true
          chosen.seat.read(() => (chosen.begun = true))
        } else if (what === 2) {
          chosen.done = true
          chosen.seat.done()
        } else {
          chosen.done = true
          chosen.seat.leave()
          seats.splice(seats.indexOf(chosen), 1)
        }
        const reading = seats.filter(({ begun, done }) => begun && !done)
        expect(reading.length).toBeLessThanOrEqual(options.readings)
        expect(new Set(reading.map(({ caller }) => caller)).size).toBe(reading.length)
      }
      for (const { seat } of seats) seat.leave()
      expect(bounds.calls).toBe(0)
      let begun = 0
      for (const caller of ['a', 'b']) enter(bounds, caller).read(() => begun++)
      expect(begun).toBe(2)
    }),
  )
})
