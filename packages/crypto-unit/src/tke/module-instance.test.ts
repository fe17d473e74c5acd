/** Module instances: which bytes are hashed, and that no two units share one. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { moduleInstanceOf } from './module-instance.ts'

const instance = '1F6F5A0C-5d6e-4a55-9a0b-0f3c1d2e4b5a'

test('it is the first 8 bytes of the hash over the GUID in lower case, a byte 0, and the id of the unit', () => {
  const bytes = Buffer.concat([Buffer.from(instance.toLowerCase()), Buffer.from([0]), Buffer.from('unit-a')])
  const digest = createHash('sha256').update(bytes).digest('hex')
  expect(moduleInstanceOf(instance, 'unit-a').toString(16).padStart(16, '0')).toBe(digest.slice(0, 16))
  expect(moduleInstanceOf(instance.toLowerCase(), 'unit-a')).toBe(moduleInstanceOf(instance, 'unit-a'))
})

test('another unit, and another instance, have another one', () => {
  const all = [instance, instance.replace('1', '2')].flatMap((guid) =>
    ['unit-a', 'unit-b'].map((unit) => moduleInstanceOf(guid, unit)),
  )
  expect(new Set(all).size).toBe(4)
})
