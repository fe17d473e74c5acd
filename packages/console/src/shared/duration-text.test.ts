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
