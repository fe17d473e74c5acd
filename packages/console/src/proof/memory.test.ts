/** The memory of a log: it only grows, an alarm stays, and what is no memory is not taken for one. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MapStore } from '../../test/fixture/map-store.ts'
import type { LogAlarm } from './alarm.ts'
import { type LogMemory, forgetMemory, joinMemory, memoryName, readMemory, writeMemory } from './memory.ts'

const at = '2025-11-25T12:00:00.000Z'
const name = memoryName('acc', 'us-south')
const memory = (size: number, extra: Partial<LogMemory> = {}): LogMemory => ({
  origin: 'o',
  key: 'k',
  keySeenAt: at,
  head: { size, root: 'r', note: `n${size}`, verifiedAt: at },
  ...extra,
})
const alarm: LogAlarm = { kind: 'smaller', raisedAt: at, origin: 'o', known: { size: 5 }, seen: { size: 3 } }

test('a memory is read as it was written', () => {
  const store = new MapStore()
  writeMemory(store, name, memory(7, { alarm }))
  expect(readMemory(store, name)).toEqual(memory(7, { alarm }))
})

test('anything else in its place is no memory', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const store = new MapStore()
      store.setItem(name, text)
      expect(readMemory(store, name)).toBeUndefined()
    }),
  )
  const store = new MapStore()
  store.setItem(name, JSON.stringify({ ...memory(1), head: { size: 'many' } }))
  expect(readMemory(store, name)).toBeUndefined()
})

test('the larger head wins, whichever window wrote it', () => {
  expect(joinMemory(memory(9), memory(7)).head?.size).toBe(9)
  expect(joinMemory(memory(7), memory(9)).head?.size).toBe(9)
  expect(joinMemory(undefined, memory(1))).toEqual(memory(1))
})

test('an alarm is not lost to a later success', () => {
  expect(joinMemory(memory(7, { alarm }), memory(9)).alarm).toEqual(alarm)
})

test('the first seen key and origin stay', () => {
  expect(joinMemory(memory(7), memory(9, { key: 'other' }))).toEqual(memory(7))
})

test('a key that the stored one led to takes its place, and does not lose it to a window that knows less', () => {
  const led = memory(9, { key: 'next', formerKeys: ['k'] })
  expect(joinMemory(memory(7), led)).toEqual(led)
  expect(joinMemory(led, memory(11))).toEqual(led)
  expect(joinMemory(memory(7, { alarm }), led).alarm).toEqual(alarm)
  const store = new MapStore()
  writeMemory(store, name, led)
  expect(readMemory(store, name)).toEqual(led)
})

test('forgetting keeps what was known in the archive', () => {
  const store = new MapStore()
  writeMemory(store, name, memory(7, { alarm }))
  forgetMemory(store, name, at)
  expect(readMemory(store, name)).toBeUndefined()
  expect(store.getItem('keywitness.archive')).toContain('"size":7')
})
