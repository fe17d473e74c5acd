/** ADOPT: puts a sealed state into force, because the server committed it or is starting from it. */
import { forgetKeys, type Operation } from '../operation.ts'
import { STATE_BYTES_MAX } from '../protocol.ts'
import { openState } from '../state.ts'

export const adopt: Operation = (request, _answer, holdings) => {
  const { seal, units } = holdings
  const state = openState(request.bytes(STATE_BYTES_MAX), seal)
  request.end()
  if (units.adopt(state)) forgetKeys(holdings)
}
