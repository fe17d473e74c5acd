/** What a unit offers, and random numbers. */
import { randomFillSync } from 'node:crypto'
import { isOffered, mechanismInvalid, mechanismText, type Call } from '../call.ts'
import type { CallAnswer, CallRequest } from '../calls.ts'
import { Ep11Error } from '../ep11-error.ts'
import { mechanismName, mechanisms, type MechanismName } from '../mechanisms.ts'

/** Most random bytes of one call (section 7). */
const RANDOM_BYTES_MAX = 1_000_000

export function generateRandom({ length }: CallRequest<'GenerateRandom'>, call: Call): CallAnswer<'GenerateRandom'> {
  call.facts.request.length = length
  if (length < 1 || length > RANDOM_BYTES_MAX) {
    throw new Ep11Error('CKR_ARGUMENTS_BAD', `At once 1 to ${RANDOM_BYTES_MAX} random bytes are given out.`)
  }
  return { random: randomFillSync(Buffer.allocUnsafeSlow(length)) }
}

export function getMechanismList(
  _request: CallRequest<'GetMechanismList'>,
  call: Call,
): CallAnswer<'GetMechanismList'> {
  const offered = (Object.keys(mechanisms) as MechanismName[]).filter((name) => isOffered(call, name))
  call.facts.response.mechanismCount = offered.length
  return { mechanisms: offered.map((name) => mechanisms[name].value) }
}

export function getMechanismInfo(
  { mechanism }: CallRequest<'GetMechanismInfo'>,
  call: Call,
): CallAnswer<'GetMechanismInfo'> {
  call.facts.request.mechanism = mechanismText(mechanism)
  const name = mechanismName(mechanism)
  if (name === undefined || !isOffered(call, name)) throw mechanismInvalid()
  const { sizeMin, sizeMax, flags } = mechanisms[name]
  return { sizeMin, sizeMax, flags }
}
