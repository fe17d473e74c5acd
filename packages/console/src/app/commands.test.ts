/** What the command menu offers: pages and settings by their names, and the trail by what looks like something of it. */
import { expect, test } from 'vitest'
import { commandsFor, type CommandSources } from './commands.ts'

const run = (): void => undefined
const sources: CommandSources = {
  pages: [
    { id: 'trail', name: 'Trail', run },
    { id: 'units', name: 'Crypto units', run },
  ],
  settings: [{ id: 'dark', name: 'Dark theme', run }],
  locations: [{ id: 'location-eu-de', name: 'eu-de', run }],
  instances: [{ id: 'instance-1', name: 'payments (eu-de)', run }],
  views: [{ id: 'view-1', name: 'Refused today', run }],
  trail: {
    words: { name: 'words', run },
    event: (index) => ({ name: `event ${index}`, run }),
    id: (id) => ({ name: `id ${id}`, run }),
  },
}
const names = (typed: string, from = sources): string[] => commandsFor(typed, from).map(({ name }) => name)

test('nothing typed: all pages, then the settings, then places, then saved views', () => {
  expect(names('  ')).toEqual(['Trail', 'Crypto units', 'Dark theme', 'eu-de', 'payments (eu-de)', 'Refused today'])
})

test.each([
  ['tr', ['Trail', 'words']],
  ['UNI', ['Crypto units', 'words']],
  ['cu', ['Crypto units', 'words']],
  ['the', ['Dark theme', 'words']],
  ['refu', ['Refused today', 'words']],
  ['pay', ['payments (eu-de)', 'words']],
  ['eu-de', ['eu-de', 'payments (eu-de)', 'words']],
  ['billing', ['words']],
  ['42', ['event 42']],
  ['#42', ['event 42']],
  ['key 2D4C6F8A-0B1C-4D2E-8F3A-5B6C7D8E9F01', ['id 2d4c6f8a-0b1c-4d2e-8f3a-5b6c7d8e9f01']],
])('%s', (typed, expected) => {
  expect(names(typed)).toEqual(expected)
})

test('without a trail nothing of it is offered', () => {
  expect(names('billing', { ...sources, trail: undefined })).toEqual([])
})
