/** Times of events: read quickly or not, they are the same, and what is none stays none. */
import { parseEventTime } from '@keywitness/cadf'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventTimeOf } from './event-time.ts'

const two = fc.constantFrom('00', '07', '29', '59', '60', '99', '-1', '1 ', '3.', ' 5', '0x', '٣٣')
const minute = fc.constantFrom('2026-11-27T15:00:', '2026-11-27T15:01:', '2026-02-30T15:00:', '2026-11-27T25:00:', 'x')
const rest = fc.constantFrom('+0000', '+0100', 'Z', '0+0000', '+00:00', '')

test('a time is what parsing it says, whatever came before it', () => {
  const times = fc.array(fc.tuple(minute, two, fc.constantFrom('.', ':', ''), two, rest), {
    minLength: 2,
    maxLength: 8,
  })
  const isSame = fc.property(times, (list) => {
    for (const text of list.map((parts) => parts.join(''))) expect(eventTimeOf(text), text).toBe(parsed(text))
  })
  fc.assert(isSame, { numRuns: 500 })
})

function parsed(text: string): number | undefined {
  try {
    return parseEventTime(text)
  } catch {
    return undefined
  }
}
