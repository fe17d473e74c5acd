/** EP11: one call of the EP11 interface; its outcome is put at once, or when the prime numbers it needs are found. */
import { Fields } from '../frames.ts'
import { answerCall, isSlow } from '../ep11/answer-call.ts'
import { putOutcome, readCall } from '../ep11/call-codec.ts'
import type { LaterOperation } from '../operation.ts'

export const ep11: LaterOperation = (request, answer, { ep11: holdings }) => {
  const call = readCall(request)
  // The frame is gone before a slow call is answered.
  const made = isSlow(call.name)
    ? answerCall(readCall(new Fields(Buffer.from(request.bytesAll))), holdings)
    : answerCall(call, holdings)
  if (!(made instanceof Promise)) {
    putOutcome(answer, call.name, made)
    return undefined
  }
  return made.then((outcome) => (later) => putOutcome(later, call.name, outcome))
}
