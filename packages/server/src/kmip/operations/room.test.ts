/** How many objects an adapter may hold, those of the same message counted too. */
import { expect, test } from 'vitest'
import { Refusal } from '../../errors.ts'
import type { KmipItem, KmipOperationParts } from './item.ts'
import { requireRoom } from './room.ts'

/** Whether there is room for one more where so many are stored and so many were made by the message: or the refusal. */
function roomFor(stored: number, made: number): unknown {
  const changed = Array.from({ length: made + 1 }, (_, place) => ({ number: place === 0 ? 1 : undefined }))
  const item = {
    call: { instance: { guid: 'i' }, adapter: { id: 'a' } },
    workspace: { changed: () => changed },
  } as unknown as KmipItem
  const parts = { objects: { count: () => stored }, limits: { objectsPerAdapter: 10 } } as unknown as KmipOperationParts
  try {
    requireRoom(item, parts)
    return true
  } catch (error) {
    return error instanceof Refusal ? error.status : error
  }
}

test('the last object fits, one more does not, and an object that was only changed takes no room', () => {
  expect([roomFor(9, 0), roomFor(10, 0)]).toEqual([true, 409])
  expect([roomFor(7, 2), roomFor(7, 3)]).toEqual([true, 409])
})
