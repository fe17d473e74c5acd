/** DIRECT: which master key an instance works with, by its verification pattern; empty while it has none. */
import type { Operation } from '../operation.ts'

const PATTERN_DIGITS = 64

export const direct: Operation = (request, _answer, { units, keys }) => {
  const instance = request.text()
  const pattern = request.text(PATTERN_DIGITS)
  request.end()
  units.direct(instance, pattern === '' ? undefined : pattern)
  keys.clear()
}
