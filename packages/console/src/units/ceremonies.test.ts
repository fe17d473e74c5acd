/** Ceremonies of a trail told apart. */
import { expect, test } from 'vitest'
import { ceremony } from '@keywitness/cadf/transcripts/testing/ceremony-events'
import { ceremoniesOf } from './ceremonies.ts'

test('events of one sitting are one ceremony; after six quiet hours another one begins', () => {
  const events = ceremony('AZ1').map((one, at) => ({
    ...one,
    event: { ...one.event, eventTime: `2026-11-26T${at < 4 ? '09' : '18'}:0${at}:00.00+0000` },
  }))
  const found = ceremoniesOf(events)
  expect(found.map(({ events: list }) => list.length)).toEqual([4, 3])
  expect(found.map(({ first }) => first)).toEqual([events[0]?.index, events[4]?.index])
  expect(ceremoniesOf([])).toEqual([])
})
