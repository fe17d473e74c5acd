/** REPORT: what a unit says about its registers; nothing secret. */
import { putReport } from '../messages.ts'
import type { Operation } from '../operation.ts'
import { reportOf } from '../registers.ts'

export const report: Operation = (request, answer, { units }) => {
  const instance = request.text()
  const unit = request.text()
  request.end()
  putReport(answer, reportOf(units.unit(instance, unit).state))
}
