/** Permissions of units: what is set for which kind, and what is never passed over. */
import { expect, test } from 'vitest'
import { permissionDangers, permissionsFor, permissionText } from './permissions.ts'

/** As units are after a reset. */
const fresh = 0x81ff_0011

test('what is set from here on a fresh unit is no danger, whatever its kind', () => {
  for (const kind of ['operational', 'recovery', 'failover'] as const) {
    const next = permissionsFor(kind, fresh)
    expect(permissionDangers(kind, true, fresh, next)).toEqual([])
    expect(permissionDangers(kind, false, next, permissionsFor(kind, next))).toEqual([])
  }
  expect(permissionText(permissionsFor('recovery', fresh))).toMatch(/^0x01ff205f: import, EXPORT, MAKE RANDOM KEYS, /)
  expect(permissionText(0)).toBe('0x00000000: nothing that is known here')
})

test.each([
  ['random keys on a unit that keeps no backup', 'operational', 0x01ff_205d],
  ['control points by one signature', 'recovery', 0x01ff_207f],
  ['a bit that nobody knows', 'operational', 0x01ff_a055],
  ['a change control that nobody knows', 'operational', 0x05ff_2055],
] as const)('%s is a danger', (_what, kind, bits) => {
  expect(permissionDangers(kind, false, bits, permissionsFor(kind, bits)).map(({ name }) => name)).toEqual([
    'unusual-permissions',
  ])
})

test('an administered unit gets the right to export only where that is agreed to', () => {
  const before = permissionsFor('operational', fresh)
  const next = permissionsFor('recovery', before)
  expect(permissionDangers('recovery', false, before, next).map(({ name }) => name)).toEqual(['may-export-keys'])
})
