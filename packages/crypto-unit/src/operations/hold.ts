/** HOLD: a unit whose state is older than the trail does not work until its administrators confirm it. */
import { randomDomainInstance } from '../commands.ts'
import type { Operation } from '../operation.ts'
import { counterValue } from '../tke/command-block.ts'

export const hold: Operation = (request, _answer, { units, keys }) => {
  const instance = request.text()
  const unit = request.text()
  const counter = counterValue(request.raw(16))
  const revision = request.u32()
  request.end()
  units.hold(instance, unit, { counter, revision }, randomDomainInstance())
  keys.clear()
}
