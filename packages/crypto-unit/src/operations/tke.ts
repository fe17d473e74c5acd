/** TKE: one HTPRequest to one unit; answers the HTPResponse and, for a command, what to record and the next state. */
import { putFacts } from '../command-facts.ts'
import { answerRequest } from '../domain.ts'
import { putReport } from '../messages.ts'
import type { Operation } from '../operation.ts'
import { STATE_BYTES_MAX } from '../protocol.ts'
import { reportOf } from '../registers.ts'
import { sealState } from '../state.ts'

export const tke: Operation = (request, answer, { seal, device, units }) => {
  const held = units.unit(request.text(), request.text())
  const text = request.bytes(STATE_BYTES_MAX).toString('latin1')
  request.end()
  const { response, outcome } = answerRequest(held, device, text)
  answer.bytes(Buffer.from(response, 'latin1'))
  answer.u8(outcome === undefined ? 0 : 1)
  if (outcome === undefined) return
  putFacts(answer, outcome.facts)
  answer.u32(outcome.returnCode)
  answer.u32(outcome.reason)
  putReport(answer, reportOf(held.state))
  answer.u8(outcome.next === undefined ? 0 : 1)
  if (outcome.next === undefined) return
  answer.bytes(sealState(outcome.next, seal))
  putReport(answer, reportOf(outcome.next))
}
