/** A key's life by days, and its age. */
import type { ActivityEvent } from '@keywitness/cadf'
import i18next from 'i18next'
import { expect, test } from 'vitest'
import type { TrailItem } from '../api/types.ts'
import texts from '../i18n/en/keys.json' with { type: 'json' }
import { addTexts, startTexts } from '../i18n/texts.ts'
import { ageText } from './age.ts'
import { byDay } from './by-day.ts'

function at(index: number, eventTime: string): TrailItem {
  const event = { eventTime, action: 'x', message: '', target: { name: '' }, initiator: { id: '', typeURI: '' } }
  return { index, event: event as unknown as ActivityEvent, leafHash: '' }
}

test('events stand under the day on which they happened, in their order', () => {
  const days = byDay(
    [at(1, '2026-11-24T23:59:59.10+0000'), at(2, '2026-11-25T00:00:00.00+0000'), at(3, '2026-11-25T14:05:09.00+0000')],
    'utc',
  )
  expect(days.map(({ day, events }) => [day, ...events.map(({ item, clock }) => `${item.index} ${clock}`)])).toEqual([
    ['2026-11-24', '1 23:59:59'],
    ['2026-11-25', '2 00:00:00', '3 14:05:09'],
  ])
})

test('an event whose time has no known form is not lost', () => {
  expect(byDay([at(1, 'some day')], 'utc')).toMatchObject([{ day: 'some day', at: undefined }])
})

test('the age of a key is told in one unit', () => {
  startTexts()
  addTexts('keys', texts)
  const t = i18next.getFixedT('en', 'keys')
  const day = 86_400_000
  expect([0, 0.125, 1.5, 47, 400, 1_000].map((days) => ageText(days * day, t))).toEqual([
    '0 min',
    '3 h',
    '36 h',
    '47 d',
    '13 mo',
    '2 y',
  ])
})
