/** The difference between what is recorded and what is covered is said, not left to be worked out. */
import { createInstance } from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import en from '../i18n/en/locations.json' with { type: 'json' }
import { provableWords } from './provable.ts'

const texts = createInstance()
beforeAll(async () => {
  await texts.init({ lng: 'en', resources: { en: { locations: en } }, defaultNS: 'locations' })
})

test.each([
  [12_340, 12_340, 'all'],
  [12_340, 12_328, 'all but 12, not yet in a checkpoint'],
  [12_341, 11_000, 'all but 1,341, not yet in a checkpoint'],
  [5, 0, 'none yet'],
  [0, 0, 'none yet'],
])('of %i recorded and %i covered: %s', (size, covered, words) => {
  expect(provableWords(texts.getFixedT(null, 'locations'), { size, covered })).toBe(words)
})
