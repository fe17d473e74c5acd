/** ROOT: the public part of the key that the certificates of all modules are signed with. */
import type { Operation } from '../operation.ts'

export const root: Operation = (request, answer, { device }) => {
  request.end()
  const { ski, x, y } = device.root
  answer.text(ski)
  answer.text(x)
  answer.text(y)
}
