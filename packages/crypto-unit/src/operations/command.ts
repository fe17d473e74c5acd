/** COMMAND: a signed administrative command; answers the next state, sealed and not in force, and its report. */
import type { CommandSignature } from '../command-block.ts'
import { execute } from '../commands.ts'
import { putReport } from '../messages.ts'
import type { Operation } from '../operation.ts'
import { STATE_BYTES_MAX } from '../protocol.ts'
import { reportOf } from '../registers.ts'
import { sealState } from '../state.ts'

const SIGNATURE_BYTES_MAX = 512

export const command: Operation = (request, answer, { seal, units }) => {
  const instance = request.text()
  const unit = request.text()
  const block = request.bytes(STATE_BYTES_MAX)
  const signatures: CommandSignature[] = []
  for (let count = request.u8(); count > 0; count--) {
    signatures.push({ ski: request.raw(32).toString('hex'), signature: request.bytes(SIGNATURE_BYTES_MAX) })
  }
  request.end()
  const next = execute(units.unit(instance, unit), block, signatures)
  answer.bytes(sealState(next, seal))
  putReport(answer, reportOf(next))
}
