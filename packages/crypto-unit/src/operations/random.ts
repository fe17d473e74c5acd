/** RANDOM: bytes of the unit's random numbers, for whoever asks for nothing else. */
import { randomFillSync } from 'node:crypto'
import type { Operation } from '../operation.ts'
import { RANDOM_BYTES_MAX } from '../protocol.ts'
import { UnitError } from '../unit-error.ts'

export const random: Operation = (request, answer) => {
  const count = request.u32()
  request.end()
  if (count < 1 || count > RANDOM_BYTES_MAX) {
    throw new UnitError('LIMIT', `At once 1 to ${RANDOM_BYTES_MAX} random bytes are given out.`)
  }
  randomFillSync(answer.room(count))
}
