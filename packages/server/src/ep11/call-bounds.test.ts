/** How many calls are under way and read at a time, who waits, and that everything is given back. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StandingTime } from '../listening/testing/standing-time.ts'
import { CallBounds, type CallBoundsOptions, type Reading, type Seat } from './call-bounds.ts'

const slow = { slowBytes: 10, slowMs: 2_000 }
const options = { calls: 4, callsOfCaller: 3, readings: 2, readingsOfCaller: 1, heldBytes: 100, ...slow }
const boundsOf = (more: Partial<CallBoundsOptions> = {}, time = new StandingTime()): CallBounds =>
  new CallBounds({ ...options, ...more }, time.later)

/** A message that does not give way, and does not come. */
const beginning = (begin: () => void): Reading => ({ begin, received: () => 0, giveWay: () => undefined })

function enter(bounds: CallBounds, caller: string): Seat {
  const seat = bounds.enter(caller)
  if (seat === undefined) throw new Error('there is no room')
  return seat
}

test('one caller has fewer calls than all together, and each place is given back', () => {
  const bounds = boundsOf({ calls: 8 })
  const seats = [1, 2, 3].map(() => enter(bounds, 'a'))
  expect(bounds.enter('a')).toBeUndefined()
  enter(bounds, 'b')
  seats[0]?.leave()
  seats[0]?.leave()
  enter(bounds, 'a')
  expect(bounds.enter('a')).toBeUndefined()
  expect(bounds.calls).toBe(4)
})

test('a caller has at most as many as are free: whoever comes next finds room, until there is none at all', () => {
  const bounds = boundsOf({ calls: 8 })
  const taken = ['a', 'b', 'c', 'd', 'e', 'f'].map((caller) => {
    let count = 0
    while (bounds.enter(caller) !== undefined) count++
    return count
  })
  expect(taken).toEqual([3, 3, 1, 1, 0, 0])
  expect(bounds.calls).toBe(8)
})

test('who waited longest reads next, unless the caller reads already', () => {
  const bounds = boundsOf({ readings: 2 })
  const order: string[] = []
  const [first, second, third] = ['a', 'a', 'b'].map((caller) => enter(bounds, caller))
  first?.read(beginning(() => order.push('a1')))
  second?.read(beginning(() => order.push('a2')))
  third?.read(beginning(() => order.push('b')))
  expect(order).toEqual(['a1', 'b'])
  first?.done()
  expect(order).toEqual(['a1', 'b', 'a2'])
})

test('a call that is gone before its turn is not read', () => {
  const bounds = boundsOf({ readings: 1 })
  const order: string[] = []
  const [first, second] = ['a', 'b'].map((caller) => enter(bounds, caller))
  first?.read(beginning(() => order.push('a')))
  second?.read(beginning(() => order.push('b')))
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
          chosen.seat.read(beginning(() => (chosen.begun = true)))
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
      for (const caller of ['a', 'b']) enter(bounds, caller).read(beginning(() => begun++))
      expect(begun).toBe(2)
    }),
  )
})

/** Messages that are read by these bounds, each known by its caller. */
function readings(bounds: CallBounds) {
  const events: string[] = []
  const received = new Map<string, number>()
  return {
    events,
    received,
    read: (caller: string, name = caller): Seat => {
      const seat = enter(bounds, caller)
      seat.read({
        begin: () => events.push(`${name} begins`),
        received: () => received.get(name) ?? 0,
        giveWay: () => events.push(`${name} gives way`),
      })
      return seat
    },
  }
}

test('while others wait, the oldest messages that come too slowly give way to as many', () => {
  const time = new StandingTime()
  const { events, received, read } = readings(boundsOf({ readings: 3 }, time))
  for (const caller of ['a', 'b', 'c']) read(caller)
  expect(time.left()).toEqual([])
  events.length = 0
  time.pass(60_000)
  expect(events).toEqual([])

  const waiting = read('d')
  expect(time.left()).toEqual([slow.slowMs])
  received.set('a', 10)
  received.set('b', 9)
  time.pass(slow.slowMs)
  expect(events).toEqual(['d begins', 'b gives way'])
  // Nobody waits: nobody is looked at any more.
  expect(time.left()).toEqual([])
  waiting.leave()
})

test('a caller who has all that he may, gains nothing by another message that gives way, nor by his own', () => {
  const time = new StandingTime()
  const { events, read } = readings(boundsOf({ calls: 9, readings: 2 }, time))
  for (const name of ['a1', 'a2', 'b1', 'b2']) read(name.charAt(0), name)
  expect(events).toEqual(['a1 begins', 'b1 begins'])
  // Both callers wait behind themselves alone.
  expect(time.left()).toEqual([])
  read('c')
  time.pass(slow.slowMs)
  expect(events.slice(2)).toEqual(['c begins', 'a1 gives way'])
})

test('who begins to be read later has the whole time, and whoever gave way is done once', () => {
  const time = new StandingTime()
  const { events, read } = readings(boundsOf({ calls: 9 }, time))
  const first = read('a')
  read('b')
  read('c')
  time.pass(slow.slowMs)
  expect(events.slice(2)).toEqual(['c begins', 'a gives way'])
  read('d')
  time.pass(slow.slowMs - 1)
  first.done()
  first.leave()
  expect(events.slice(4)).toEqual([])
  time.pass(1)
  expect(events.slice(4)).toEqual(['d begins', 'b gives way'])
})

test('when nobody waits any more, nobody gives way', () => {
  const time = new StandingTime()
  const { events, read } = readings(boundsOf({}, time))
  read('a')
  read('b')
  const waiting = read('c')
  expect(time.left()).toEqual([slow.slowMs])
  waiting.leave()
  expect(time.left()).toEqual([])
  time.pass(slow.slowMs)
  expect(events).toEqual(['a begins', 'b begins'])
})
