/** DIRECT: which master key an instance works with, by its verification pattern; empty while it has none. */
import { forgetKeys, type Operation } from '../operation.ts'

const PATTERN_DIGITS = 64

export const direct: Operation = (request, _answer, holdings) => {
  const instance = request.text()
  const pattern = request.text(PATTERN_DIGITS)
  request.end()
  holdings.units.direct(instance, pattern === '' ? undefined : pattern)
  forgetKeys(holdings)
}
