/** HOLD: a unit whose state is older than the trail does not work until its administrators confirm it. */
import { randomDomainInstance } from '../commands.ts'
import { forgetKeys, type Operation } from '../operation.ts'
import { counterValue } from '../tke/command-block.ts'

export const hold: Operation = (request, _answer, holdings) => {
  const instance = request.text()
  const unit = request.text()
  const counter = counterValue(request.raw(16))
  const revision = request.u32()
  request.end()
  holdings.units.hold(instance, unit, { counter, revision }, randomDomainInstance())
  forgetKeys(holdings)
}
