/** Descriptions of events, also of those this version does not understand. */
import type { ActivityEvent } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { keys, people, sampleEvent } from '../../test/fixture/events.ts'
import { describe } from './describe.ts'

const event = sampleEvent(
  { action: 'hs-crypto.secrets.delete', who: people.ana, key: keys[0], request: { keyType: 'root' } },
  Date.UTC(2025, 10, 25),
  1,
)

test('the sentence is cut around the name of the target', () => {
  const { sentence, parts } = describe(event)
  expect(sentence).toBe('Ana Ruiz deleted root key billing')
  expect(parts).toEqual(['Ana Ruiz deleted root key ', 'billing', ''])
  expect(describe(event)).toBe(describe(event))
})

test('an instance is called by its name from when it is known', () => {
  const action = 'iam-access.role.grant'
  const granted = sampleEvent(
    { action, who: people.ana, request: { role: 'Writer', scope: 'instance/6d3f' } },
    Date.UTC(2025, 10, 25),
    2,
  )
  expect(describe(granted).sentence).toMatch(/for the instance 6d3f$/)
  const nameOf = (guid: string): string | undefined => (guid === '6d3f' ? 'billing' : undefined)
  expect(describe(granted, nameOf).sentence).toMatch(/for the instance billing$/)
  // What names no instance is described once, whatever is known of them.
  expect(describe(event, nameOf)).toBe(describe(event))
})

test('service, kind and title come from the event and the catalogue', () => {
  expect(describe(event)).toMatchObject({ service: 'hs-crypto', kind: 'user', title: 'Delete a key' })
})

test('a former name is told with the current one', () => {
  const old = { ...event, action: 'hs-crypto.importtoken.create' }
  expect(describe(old).currentAction).toBe('hs-crypto.import-token.create')
  expect(describe(event).currentAction).toBeUndefined()
})

test('an event without what the words need is shown by its message', () => {
  const broken = { ...event, eventTime: 'once', reason: undefined } as unknown as ActivityEvent
  const failed = { ...broken, outcome: 'failure' } as ActivityEvent
  expect(describe(failed)).toMatchObject({ time: undefined, sentence: event.message })
})

test('markup in names stays the text it is', () => {
  const name = '<img src=x onerror=alert(1)>'
  const marked = { ...event, target: { ...event.target, name } }
  expect(describe(marked).parts[1]).toBe(name)
})
