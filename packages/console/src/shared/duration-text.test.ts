/** Lengths of time in words. */
import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import { startTexts } from '../i18n/texts.ts'
import { durationText } from './duration-text.ts'

beforeAll(startTexts)

test.each([
  [0, '0 seconds'],
  [1, '1 second'],
  [59.9, '59 seconds'],
  [60, '1 minute'],
  [3_725, '1 hour 2 minutes'],
  [86_400, '1 day'],
  [604_799, '6 days 23 hours'],
  [-5, '0 seconds'],
])('%d s is %s', (seconds, text) => {
  expect(durationText(seconds, i18next.t)).toBe(text)
})

const [minute, hour, day] = [60, 3_600, 86_400]

test.each([
  ['minutes', 3 * day + 4 * hour + 5 * minute, '3 days 4 hours'],
  ['minutes', 2 * day + minute, '2 days'],
  ['minutes', 61 * minute, '1 hour 1 minute'],
  ['minutes', 90, '1 minute'],
  ['minutes', 59, 'less than a minute'],
  ['short', 7 * day - 1, '6 d 23 h'],
  ['short', 90, '1 min 30 s'],
  ['rough', 7 * day - 1, '6 d'],
  ['rough', 3 * hour + 5 * minute, '3 h 5 min'],
  ['rough', 90, '1 min'],
] as const)('as %s, %d s is %s', (form, seconds, text) => {
  expect(durationText(seconds, i18next.t, form)).toBe(text)
})
