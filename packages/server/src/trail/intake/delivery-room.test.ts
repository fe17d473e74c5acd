/** Room for batches of other servers: bounded in number and bytes, for one account and for all. */
import { expect, test } from 'vitest'
import { DeliveryRoom } from './delivery-room.ts'

const full = expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }) as Error

test('one account cannot take the room of the others, and all together not more than there is', () => {
  const bounds = { deliveries: 3, deliveriesOfAccount: 2, deliveryBytes: 100, deliveryBytesOfAccount: 60 }
  const room = new DeliveryRoom(bounds)
  const release = room.take('a', 60)
  expect(() => room.take('a', 1)).toThrow(full)
  room.take('b', 40)
  expect(() => room.take('c', 1)).toThrow(full)
  release()
  release()
  room.take('a', 1)
  room.take('c', 59)
  expect(() => room.take('d', 0)).toThrow(full)
})

test('empty batches count, too', () => {
  const room = new DeliveryRoom({ deliveries: 9, deliveriesOfAccount: 2, deliveryBytes: 1, deliveryBytesOfAccount: 1 })
  const ends = [room.take('a', 0), room.take('a', 0)]
  expect(() => room.take('a', 0)).toThrow(full)
  ends[0]?.()
  room.take('a', 0)
})
